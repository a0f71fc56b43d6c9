// What this project uses of the JavaScript API of WebAssembly, which TypeScript declares for browsers
// only (W3C, WebAssembly JavaScript Interface, section 5).

declare namespace WebAssembly {
  function validate(bytes: Uint8Array): boolean;
  function instantiate(
    bytes: Uint8Array,
    imports: Record<string, Record<string, unknown>>,
  ): Promise<{ readonly instance: { readonly exports: Record<string, unknown> } }>;
}
