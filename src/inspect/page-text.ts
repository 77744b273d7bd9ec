/** The page itself; what it shows is put in by its modules. */
export const pageText = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Lifeline inspector</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/style.css">
<script type="module" src="/viewer.js"></script>
</head>
<body>
<header>
<h1>Lifeline inspector</h1>
<p id="link" role="status">Connecting …</p>
<button id="stately" type="button" title="Opens stately.ai in a new window, which needs the internet. What this page shows is handed to it.">Open in Stately</button>
</header>
<main>
<section id="chart" aria-labelledby="chart-name"><h2 id="chart-name">Statechart</h2><p id="place"></p><div id="drawing" tabindex="0" role="group" aria-label="Drawing of the statechart"></div></section>
<section id="actors" aria-labelledby="actors-name"><h2 id="actors-name">Actors</h2><ul></ul><h2>Context</h2><pre tabindex="0" aria-label="Context of the chosen statechart"></pre></section>
<section id="events" aria-labelledby="events-name"><h2 id="events-name">Events</h2><p><label for="kind">Kind</label> <select id="kind"><option value="">every kind</option></select></p><ol tabindex="0" aria-label="Events, newest first"></ol></section>
</main>
</body>
</html>
`

export const pageStyle = `:root{color-scheme:light dark;--paper:#fff;--well:#f6f8fb;--ink:#1b2330;--faint:#5b6676;--rule:#d5dce5;--lit:#23a05c;--focus:#1f6fd1}
@media (prefers-color-scheme:dark){:root{--paper:#0d1117;--well:#131a22;--ink:#e8edf3;--faint:#9aa7b6;--rule:#2b3541;--lit:#3ccb7f;--focus:#6cb0ff}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.45 Inter,system-ui,-apple-system,'Segoe UI',Roboto,sans-serif}
header{display:flex;flex-wrap:wrap;align-items:center;gap:4px 16px;padding:12px 20px;border-bottom:1px solid var(--rule)}
h1{font-size:18px;margin:0}
h2{font-size:14px;margin:0 0 8px;color:var(--faint)}
header p{margin:0;color:var(--faint);flex:1}
button{font:inherit;color:var(--ink);background:var(--well);border:1px solid var(--faint);border-radius:8px;padding:6px 14px;cursor:pointer}
button[aria-pressed=true]{border-color:var(--lit);box-shadow:inset 3px 0 var(--lit)}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px}
main{display:grid;grid-template:"actors chart events" 100%/minmax(210px,260px) minmax(0,1fr) minmax(250px,330px);height:calc(100dvh - 60px)}
section{padding:16px 20px;overflow:auto;min-width:0}
#actors{grid-area:actors}
#chart{grid-area:chart;border:solid var(--rule);border-width:0 1px}
#events{grid-area:events}
select{max-width:100%;min-height:28px;font:inherit;color:var(--ink);background:var(--well);border:1px solid var(--faint);border-radius:8px}
#events p{margin:0 0 8px}
#events .times{color:var(--faint);font-variant-numeric:tabular-nums}
[hidden]{display:none!important}
ul,ol{list-style:none;margin:0 0 20px;padding:0}
#actors button{display:block;width:100%;text-align:left;margin-bottom:6px}
#actors li li{padding:2px 0 2px 14px;color:var(--faint);font-size:13px}
pre{margin:0;font:12px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;white-space:pre-wrap;overflow-wrap:anywhere;background:var(--well);border:1px solid var(--rule);border-radius:8px;padding:10px}
#place{margin:0 0 12px;font-weight:600}
#drawing{background:var(--well);border:1px solid var(--rule);border-radius:10px;overflow:auto;height:calc(100% - 70px);min-height:260px}
#events ol{margin:0}
#events li{padding:6px 0;border-bottom:1px solid var(--rule);font-size:13px}
#events time,#events .why{color:var(--faint)}
#events .name{font-weight:600;overflow-wrap:anywhere}
#events .moved{color:var(--lit)}
@media (max-width:900px){main{grid-template:"chart" "actors" "events"/minmax(0,1fr);height:auto}#chart{border-width:0 0 1px}#events{border-top:1px solid var(--rule)}#drawing{height:60vh}#events ol{max-height:60vh;overflow:auto}}
`
