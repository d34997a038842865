#include "report/html_style.h"

#include <stddef.h>

/* Colours: text on its ground reaches 4.5 to 1 in both schemes (WCAG 2.1 AA). */
const char *const html_style[] = {
	":root{color-scheme:light dark;--page:#f4f5f7;--card:#fff;--ink:#1b1f24;--soft:#57606a;--line:#d8dee4;"
	"--good:#11632f;--goodbg:#dafbe1;--weak:#7a4d00;--weakbg:#fff1cc;--bad:#a40e26;--badbg:#ffe3e6;--none:#424a53;"
	"--nonebg:#eaeef2;--accent:#0550ae}\n",
	"@media(prefers-color-scheme:dark){:root{--page:#0d1117;--card:#161b22;--ink:#e6edf3;--soft:#9da7b3;"
	"--line:#30363d;--good:#7ee2a0;--goodbg:#12361f;--weak:#f2cc60;--weakbg:#3a2d08;--bad:#ffa198;--badbg:#4a1518;"
	"--none:#c9d1d9;--nonebg:#262c36;--accent:#79c0ff}}\n",
	"*{box-sizing:border-box}html{-webkit-text-size-adjust:100%}\n"
	"body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,-apple-system,\"Segoe UI\",Roboto,"
	"\"Helvetica Neue\",Arial,sans-serif}\n"
	"main{max-width:68rem;margin:0 auto;padding:1.25rem}\n"
	"h1,h2,h3,h4,p,ul,ol,dl,dd{margin:0}ul,ol{padding:0;list-style:none}a{color:var(--accent)}\n"
	"h1{font-size:1rem;font-weight:600;color:var(--soft);letter-spacing:.02em;margin-bottom:1rem}\n"
	"h2{font-size:1.5rem;line-height:1.25;overflow-wrap:anywhere}\n"
	"h3{font-size:1.1rem;margin-bottom:.75rem}h4{font-size:.95rem;margin:1.25rem 0 .4rem}h4 .soft{font-weight:400}h3+h4{margin-top:0}\n"
	"code,.mono{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,\"Liberation Mono\",monospace;"
	"font-size:.875em;overflow-wrap:anywhere}\n"
	".soft{color:var(--soft)}.small{font-size:.875rem}\n",
	"article+article{margin-top:3rem;padding-top:1rem;border-top:2px solid var(--line)}\n"
	"section,.top,nav{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:1.25rem;"
	"margin-bottom:1rem}\n"
	".top{display:grid;grid-template-columns:auto 1fr;gap:1.25rem;align-items:center}\n"
	".badge{width:6.5rem;height:6.5rem;border-radius:.6rem;display:grid;place-items:center;font-size:3.4rem;"
	"font-weight:700;line-height:1;border:2px solid currentColor}\n"
	".verdict{font-weight:600;margin-top:.35rem}\n"
	".scores{grid-column:1/-1;display:grid;grid-template-columns:repeat(4,1fr);gap:1rem;border-top:1px solid "
	"var(--line);padding-top:1rem}\n"
	".scores dt{font-size:.875rem;color:var(--soft)}.scores dd{font-weight:600;font-size:1.15rem}\n"
	".bar{display:block;height:.4rem;border-radius:.2rem;background:var(--nonebg);overflow:hidden;margin-top:.25rem}"
	".bar i{display:block;height:100%;background:var(--soft)}\n",
	".good{color:var(--good);background:var(--goodbg)}.weak{color:var(--weak);background:var(--weakbg)}"
	".bad{color:var(--bad);background:var(--badbg)}.none{color:var(--none);background:var(--nonebg)}\n"
	".chip{display:inline-block;font-size:.8125rem;font-weight:600;line-height:1.3;padding:.15rem .5rem;"
	"border-radius:.35rem;white-space:nowrap}\n"
	".cols{display:grid;grid-template-columns:1fr 1fr;gap:1rem}.cols>section{margin:0}.cols{margin-bottom:1rem}\n"
	".rows>li{display:grid;grid-template-columns:5.5rem 1fr;gap:.25rem 1rem;padding:.7rem 0;border-top:1px solid "
	"var(--line);align-items:start}.rows>li:first-child{border-top:0;padding-top:0}.rows>li:last-child{padding-bottom:0}\n"
	".rows p{overflow-wrap:anywhere}.rows .t{font-weight:600}\n",
	"table{width:100%;border-collapse:collapse;font-size:.9rem}\n"
	"caption{text-align:left;font-weight:600;padding-bottom:.4rem}caption .soft{font-weight:400}\n"
	"table+table{margin-top:1.5rem}\n"
	"th,td{text-align:left;vertical-align:baseline;padding:.4rem .75rem .4rem 0;border-top:1px solid var(--line)}\n"
	"thead th{border-top:0;font-size:.8125rem;font-weight:600;color:var(--soft)}\n"
	"tbody th{font-weight:400}td.n,th.n{text-align:right;padding-right:0;white-space:nowrap}\n"
	"tr.warn>*{background:var(--weakbg)}tr.fail>*{background:var(--badbg)}\n"
	".fixed{width:calc(100% + 1rem);margin-left:-.5rem;margin-right:-.5rem}.fixed caption,.fixed tr>:first-child{padding-left:.5rem}"
	".fixed tr>:last-child{padding-right:.5rem}.note{margin-top:.75rem}.note+.note{margin-top:.25rem}\n"
	".fixed{table-layout:fixed}.c-code{width:5rem}.c-kx{width:10rem}.c-enc{width:12rem}.c-n{width:4rem}"
	".c-pq{width:8rem}.remark{margin-left:.6rem;font-size:.8125rem;white-space:nowrap}\n"
	".list li{display:inline-block;margin:0 .35rem .35rem 0;padding:.1rem .5rem;border-radius:.35rem;"
	"background:var(--nonebg);color:var(--none)}\n"
	".chain{border-left:3px solid var(--line);padding-left:1rem;margin:.75rem 0}.chain>li+li{margin-top:1rem}\n"
	".facts{display:grid;grid-template-columns:7rem 1fr;gap:.15rem .75rem;font-size:.9rem}.facts dt{color:var(--soft)}"
	".facts dd{overflow-wrap:anywhere}\n"
	"details{margin-top:1rem}summary{cursor:pointer;font-weight:600}details[open] summary{margin-bottom:.75rem}\n"
	"footer{color:var(--soft);font-size:.875rem;padding:.25rem .25rem 1rem}\n",
	"@media(max-width:40rem){main{padding:.75rem}section,.top,nav{padding:1rem}.cols{grid-template-columns:1fr}"
	".wide{display:none}.badge{width:4rem;height:4rem;font-size:2.2rem}h2{font-size:1.15rem}.top{gap:.9rem;align-items:start}.fixed tr>:nth-child(2){padding-left:.5rem}.c-n{width:3rem}"
	".scores{grid-template-columns:1fr 1fr}.rows>li{grid-template-columns:1fr}.facts{grid-template-columns:1fr}"
	".facts dt{margin-top:.35rem}.remark{display:block;margin-left:0}.c-pq{width:6.5rem}}\n",
	"@media print{:root{--page:#fff;--card:#fff;--ink:#000;--soft:#444;--line:#bbb}body{font-size:10pt}main{max-width:"
	"none;padding:0}section,.top,nav{border-radius:0;border-width:0 0 1px;padding:.6rem 0}article+article{break-before:"
	"page}tr,.rows>li,.chain>li{break-inside:avoid}h3,h4,caption{break-after:avoid}.badge,.chip{"
	"-webkit-print-color-adjust:exact;print-color-adjust:exact}details{display:none}}\n",
	NULL,
};
