// The household's page: written by hand, no frame, no library, nothing from elsewhere.

export const HOME_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Our home · Streetwatt</title>
<link rel="stylesheet" href="style.css">
<script src="app.js" defer></script>
</head>
<body>
<header>
<h1>Our home</h1>
<p id="now" class="quiet">Loading…</p>
<p id="trouble" class="alert" hidden></p>
</header>
<main>
<section aria-labelledby="live-title">
<h2 id="live-title">Now</h2>
<dl id="live" class="figures"></dl>
</section>
<section aria-labelledby="sums-title">
<h2 id="sums-title">Today and this month</h2>
<div class="scroll" role="group" aria-label="Table of today and this month" tabindex="0">
<table>
<thead><tr><th scope="col">Measured here</th><th scope="col">Today</th><th scope="col">This month</th></tr></thead>
<tbody id="sums"></tbody>
</table>
</div>
<p id="missing" class="quiet"></p>
</section>
<section aria-labelledby="left-title">
<h2 id="left-title">What has left this house</h2>
<p>Of each interval: what was measured, which stays here, and the only bytes that went out. The masked words in them, which are bold, cannot be told from random ones: who reads them gets your reading back only together with a quorum of the network’s trustees.</p>
<p id="outward"></p>
<ol id="intervals"></ol>
</section>
<section aria-labelledby="sources-title">
<h2 id="sources-title">Meters and sensors</h2>
<ul id="sources"></ul>
</section>
</main>
<noscript><p>This page needs its own small script, from this gateway.</p></noscript>
</body>
</html>
`;

/** `problem`: a whole sentence, or nothing. */
export function pairPage(problem: string): string {
  const alert = problem === '' ? '' : `<p role="alert" class="alert">${problem}</p>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Pair this device · Streetwatt</title>
<link rel="stylesheet" href="style.css">
</head>
<body>
<main>
<h1>Pair this device</h1>
<p>The gateway shows six digits on its own terminal or in its log. They are for one device.</p>
${alert}
<form method="post" action="pair">
<label for="code">Pairing code</label>
<input id="code" name="code" inputmode="numeric" autocomplete="one-time-code" pattern="[0-9]{6}" maxlength="6" required>
<button type="submit">Pair</button>
</form>
</main>
</body>
</html>
`;
}

export const HOME_STYLE = `:root { color-scheme: light dark; --ink: #1b2330; --quiet: #4d5869; --paper: #fbfaf7; --card: #ffffff; --line: #d5d9e0; --accent: #0b5c8a; --alert: #9b1c1c; }
@media (prefers-color-scheme: dark) { :root { --ink: #eceff4; --quiet: #b3bdcc; --paper: #12161d; --card: #1b212b; --line: #3a4453; --accent: #7cc4ef; --alert: #ffa8a8; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 60rem; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0; }
h2 { font-size: 1.15rem; margin: 1.75rem 0 .5rem; }
.quiet { color: var(--quiet); margin: .25rem 0; }
.alert { color: var(--alert); font-weight: 600; margin: .25rem 0; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(8rem, 1fr)); gap: .75rem; margin: 0; }
.figures div { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .75rem; }
.figures dt { color: var(--quiet); }
.figures dd { margin: 0; font-size: 1.5rem; font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { padding: .4rem .5rem; border-bottom: 1px solid var(--line); text-align: right; font-variant-numeric: tabular-nums; }
td { white-space: nowrap; }
th:first-child { text-align: left; font-weight: 500; }
#intervals, #sources { list-style: none; padding: 0; margin: 0; }
#intervals > li, #sources > li { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .75rem; margin: 0 0 .5rem; display: grid; grid-template-columns: minmax(0, 1fr); gap: .25rem .75rem; }
#intervals p, #sources p { margin: 0; }
#intervals h3, #sources h3 { margin: 0; font-size: 1rem; }
@media (min-width: 48rem) { #intervals > li { grid-template-columns: minmax(0, 2fr) minmax(0, 3fr); } #intervals h3 { grid-column: 1 / -1; } }
code { font: .8rem/1.4 ui-monospace, monospace; overflow-wrap: anywhere; }
a { color: inherit; }
code b { color: var(--accent); font-weight: 600; }
summary { cursor: pointer; }
label { display: block; margin: .5rem 0 .25rem; }
form { display: flex; flex-wrap: wrap; gap: .5rem; align-items: stretch; }
form label { flex-basis: 100%; }
input { font: inherit; font-size: 1.5rem; width: 9rem; padding: .4rem; letter-spacing: .15em; color: inherit; background: var(--card); border: 1px solid var(--quiet); border-radius: .3rem; }
button { font: inherit; padding: .5rem 1rem; color: var(--paper); background: var(--accent); border: 0; border-radius: .3rem; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
`;
