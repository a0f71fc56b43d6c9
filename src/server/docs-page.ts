// The API's documentation as one readable page, made from the OpenAPI document: no script, nothing
// from elsewhere, since control rooms are often offline.

import { PROBLEMS } from './problem.ts';

interface OpenApiDocument {
  readonly info: { readonly title: string; readonly description?: string };
  readonly paths?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, unknown>> };
}

interface Operation {
  readonly summary?: string;
  readonly description?: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly description?: string;
    readonly schema?: { readonly description?: string };
  }[];
  readonly responses?: Readonly<Record<string, Response>>;
}

interface Response {
  readonly description?: string;
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>;
}

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly items?: Schema;
  readonly prefixItems?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly description?: string;
  readonly format?: string;
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

/** `document`: OpenAPI 3.1, as /openapi.json has it. */
export function docsPage(document: unknown): string {
  const { info, paths = {}, components = {} } = document as OpenApiDocument;
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method] !== undefined).map((method) =>
      operationHtml(method, path, item[method] as Operation),
    ),
  );
  const schemas = Object.entries(components.schemas ?? {}).map(([name, schema]) =>
    schemaHtml(name, schema as Schema),
  );
  const problems = Object.entries(PROBLEMS).map(
    ([code, { status, title, hint }]) =>
      `<tr id="${escapeHtml(code)}"><td><code>${escapeHtml(code)}</code></td><td>${status}</td><td>${escapeHtml(title)}</td><td>${escapeHtml(hint)}</td></tr>`,
  );
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(info.title)}</title><link rel="stylesheet" href="/docs/style.css"></head>
<body><main>
<h1>${escapeHtml(info.title)}</h1>
<p>${escapeHtml(info.description ?? '')}</p>
<p>For machines: <a href="/openapi.json">openapi.json</a> (OpenAPI 3.1). <a href="/">The map</a></p>
<nav aria-label="On this page"><a href="#operations">Addresses</a> <a href="#documents">Documents</a> <a href="#problems">Errors</a></nav>
<h2 id="operations">Addresses</h2>
${operations.join('\n')}
<h2 id="documents">Documents</h2>
${schemas.join('\n')}
<h2 id="problems">Errors</h2>
<p>Every error is <code>application/problem+json</code> (RFC 9457) with a code that does not change.</p>
<div class="wide"><table><thead><tr><th>code</th><th>status</th><th>title</th><th>what to do</th></tr></thead>
<tbody>${problems.join('\n')}</tbody></table></div>
</main></body>
</html>
`;
}

function operationHtml(method: string, path: string, operation: Operation): string {
  const parameters = (operation.parameters ?? []).map(
    (one) =>
      `<tr><td><code>${escapeHtml(one.name)}</code></td><td>${escapeHtml(one.in)}${one.required === true ? '' : ', optional'}</td><td>${inline(one.description ?? one.schema?.description ?? '')}</td></tr>`,
  );
  const responses = Object.entries(operation.responses ?? {}).map(([status, response]) => {
    const contents = Object.entries(response.content ?? {}).map(
      ([type, { schema }]) =>
        `${escapeHtml(type)}${schema?.$ref === undefined ? '' : ` ${typeHtml(schema)}`}`,
    );
    return `<tr><td>${escapeHtml(status)}</td><td>${contents.join('<br>')}</td><td>${inline(response.description ?? '')}</td></tr>`;
  });
  return `<section><h3><span class="method">${escapeHtml(method.toUpperCase())}</span> <code>${escapeHtml(path)}</code></h3>
<p>${inline(operation.summary ?? '')}${operation.description === undefined ? '' : `. ${inline(operation.description)}`}</p>
${parameters.length === 0 ? '' : `<div class="wide"><table><thead><tr><th>parameter</th><th>in</th><th></th></tr></thead><tbody>${parameters.join('')}</tbody></table></div>`}
<details><summary>Answers</summary><div class="wide"><table><tbody>${responses.join('')}</tbody></table></div></details></section>`;
}

function schemaHtml(name: string, schema: Schema): string {
  const rows = Object.entries(schema.properties ?? {}).map(
    ([field, one]) =>
      `<tr><td><code>${escapeHtml(field)}</code></td><td>${typeHtml(one)}</td><td>${inline(one.description ?? '')}</td></tr>`,
  );
  const body =
    rows.length === 0
      ? `<p>${typeHtml(schema)}</p>`
      : `<div class="wide"><table><tbody>${rows.join('')}</tbody></table></div>`;
  return `<section id="schema-${escapeHtml(name)}"><h3><code>${escapeHtml(name)}</code></h3><p>${inline(schema.description ?? '')}</p>${body}</section>`;
}

function typeHtml(schema: Schema): string {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1);
    return `<a href="#schema-${escapeHtml(name)}">${escapeHtml(name)}</a>`;
  }
  const parts = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  if (parts !== undefined) return parts.map(typeHtml).join(' or ');
  if (schema.enum !== undefined)
    return schema.enum.map((one) => `<code>${escapeHtml(String(one))}</code>`).join(' ');
  const types = Array.isArray(schema.type) ? schema.type : [schema.type ?? 'any'];
  return types
    .map((type: string) => {
      if (type !== 'array') return escapeHtml(schema.format ?? type);
      if (schema.items !== undefined) return `list of ${typeHtml(schema.items)}`;
      return 'list';
    })
    .join(' or ');
}

/** `code` in backquotes. */
function inline(text: string): string {
  return escapeHtml(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>');
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

export const DOCS_STYLE = `:root { color-scheme: light dark; --line: #8886; --soft: #8881; }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 62rem; margin: 0 auto; padding: 1.5rem; }
h1 { font-size: 1.6rem; } h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.6rem 0 0.3rem; overflow-wrap: anywhere; } p { margin: 0.3rem 0; }
code, pre { font-family: ui-monospace, monospace; font-size: 0.92em; }
pre { padding: 0.8rem; background: var(--soft); overflow-x: auto; }
.method { display: inline-block; min-width: 3.5em; font-weight: 700; }
.wide { overflow-x: auto; } table { border-collapse: collapse; margin: 0.4rem 0; }
th, td { text-align: left; vertical-align: top; padding: 0.25rem 0.8rem 0.25rem 0; border-bottom: 1px solid var(--line); }
tr:target { background: Mark; color: MarkText; } nav a { margin-right: 1rem; }
`;
