// What a browser sees where the page has not been built.

export function missingPage(): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Streetwatt: the page is not built</title>
<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/docs/style.css"></head>
<body><main>
<h1>The page is not built</h1>
<p>The server runs, but the folder of the built page is empty. Build it with</p>
<pre><code>npm run build</code></pre>
<p>and load this address again. The <a href="/docs">API</a> works without it.</p>
</main></body>
</html>
`;
}
