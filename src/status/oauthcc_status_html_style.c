
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "status/oauthcc_status_html_style.h"


/*
 * The style sheet.  Each color of text has a contrast of 4.5 to 1 or more on
 * what it stands on, in the light and in the dark.
 */

char  oauthcc_status_html_style[] =

    /* the classes ok, busy, warn, bad and idle set the colors of a state */

    ":root{color-scheme:light dark;"
    "--page:#f3f5f7;--card:#fff;--line:#dce1e6;--soft:#eceff2;"
    "--text:#1a2027;--dim:#56606b;--link:#0b57a4;"
    "--ok:#0f6a34;--ok-b:#dff3e5;--ok-l:#288a4e;"
    "--busy:#0b4f93;--busy-b:#e0eefb;--busy-l:#3b86cf;"
    "--warn:#7a4b00;--warn-b:#fdf0cf;--warn-l:#b8770a;"
    "--bad:#9c1a1c;--bad-b:#fce6e4;--bad-l:#d3403d;"
    "--idle:#4d5761;--idle-b:#eaedf0;--idle-l:#76818c}\n"

    "@media(prefers-color-scheme:dark){:root{"
    "--page:#0e1216;--card:#161c22;--line:#2b343d;--soft:#222a32;"
    "--text:#e4e9ee;--dim:#9da8b3;--link:#84bdf5;"
    "--ok:#86dda5;--ok-b:#12321f;--ok-l:#3aa767;"
    "--busy:#9acbf9;--busy-b:#12304c;--busy-l:#4b93d8;"
    "--warn:#f0c869;--warn-b:#372a0b;--warn-l:#cf9527;"
    "--bad:#ffb4ac;--bad-b:#451a1b;--bad-l:#e25c56;"
    "--idle:#b4bec8;--idle-b:#252d35;--idle-l:#67727d}}\n"

    ".ok{--t:var(--ok);--b:var(--ok-b);--l:var(--ok-l)}"
    ".busy{--t:var(--busy);--b:var(--busy-b);--l:var(--busy-l)}"
    ".warn{--t:var(--warn);--b:var(--warn-b);--l:var(--warn-l)}"
    ".bad{--t:var(--bad);--b:var(--bad-b);--l:var(--bad-l)}"
    ".idle{--t:var(--idle);--b:var(--idle-b);--l:var(--idle-l)}\n"

    "*{box-sizing:border-box;margin:0;padding:0}\n"
    "html{-webkit-text-size-adjust:100%;text-size-adjust:100%}\n"
    "body{font:14px/1.45 system-ui,-apple-system,\"Segoe UI\",Roboto,"
    "\"Helvetica Neue\",\"Noto Sans\",Arial,sans-serif;"
    "font-variant-numeric:tabular-nums;color:var(--text);"
    "background:var(--page);max-width:84rem;margin:0 auto;padding:1.25rem}\n"
    "code{font:.93em ui-monospace,SFMono-Regular,Menlo,Consolas,"
    "\"DejaVu Sans Mono\",monospace;overflow-wrap:anywhere}\n"
    "a{color:var(--link)}\n"
    "h1{font-size:1.3rem;line-height:1.2;font-weight:650}\n"
    "h2{font-size:1.05rem;line-height:1.3;font-weight:650;"
    "overflow-wrap:anywhere}\n"
    "small,.dim{font-size:.86em;color:var(--dim);font-weight:400}\n"
    ".hide{position:absolute;width:1px;height:1px;overflow:hidden;"
    "clip-path:inset(50%);white-space:nowrap}\n"

    /* the head of the page */

    "header,.head{display:flex;flex-wrap:wrap;align-items:baseline;"
    "gap:.25rem .9rem}\n"
    "header{margin-bottom:1rem}\n"
    "header dl{display:flex;flex-wrap:wrap;gap:.2rem 1.6rem;width:100%;"
    "margin-top:.35rem}\n"
    "header dl div{display:flex;gap:.45rem;align-items:baseline}\n"
    ".tag{display:inline-block;color:var(--t);background:var(--b);"
    "border-radius:.25rem;padding:.05rem .5rem;font-weight:600;"
    "white-space:nowrap}\n"
    ".tag::before{content:\"\";display:inline-block;width:.5em;height:.5em;"
    "border-radius:50%;background:var(--l);margin-right:.45em;"
    "vertical-align:.08em}\n"
    ".bar{display:inline-block;position:relative;overflow:hidden;"
    "height:.45rem;width:100%;border-radius:.225rem;"
    "background:var(--soft);vertical-align:.1em}\n"
    ".bar i{position:absolute;left:0;top:0;bottom:0;background:var(--l);"
    "border-radius:.225rem}\n"
    ".bar b{position:absolute;top:0;bottom:0;width:2px;margin-left:-1px;"
    "background:var(--text)}\n"
    "header .bar{width:7rem}\n"

    /* what is shown, and what may be */

    "nav{display:flex;flex-wrap:wrap;gap:.5rem 1.2rem;align-items:center;"
    "margin-bottom:1rem}\n"
    "nav ul{display:flex;flex-wrap:wrap;gap:.35rem;list-style:none}\n"
    "nav li a{display:inline-block;color:var(--t);background:var(--b);"
    "border:1px solid transparent;border-radius:.25rem;padding:.1rem .6rem;"
    "text-decoration:none}\n"
    "nav li a:hover{text-decoration:underline}\n"
    "nav li a[aria-current]{border-color:var(--l);font-weight:600}\n"
    "nav form{display:flex;flex-wrap:wrap;gap:.5rem;align-items:end;"
    "width:100%}\n"
    "nav label{display:block;color:var(--dim);font-size:.86em;"
    "max-width:min(100%,22rem)}\n"
    "nav button{height:2.1rem}\n"
    "nav .shown{width:100%;overflow-wrap:anywhere}\n"
    "select,input{display:block;font:inherit;font-size:1rem;"
    "color:var(--text);background:var(--card);border:1px solid var(--line);"
    "border-radius:.3rem;padding:.2rem .4rem;height:2.1rem;"
    "max-width:100%}\n"

    /* a provider and its numbers */

    "section{background:var(--card);border:1px solid var(--line);"
    "border-radius:.5rem;margin-bottom:1rem;overflow:hidden}\n"
    ".head{padding:.7rem .9rem .1rem}\n"
    ".head .dim{overflow-wrap:anywhere}\n"
    "dt{color:var(--dim);font-size:.86em}\n"
    ".facts{display:flex;flex-wrap:wrap;gap:.1rem 1.4rem;"
    "padding:.25rem .9rem 0}\n"
    ".facts div{display:flex;flex-wrap:wrap;gap:0 .45rem;"
    "align-items:baseline;min-width:0}\n"
    ".facts dd{overflow-wrap:anywhere;min-width:0}\n"
    ".sums{display:grid;gap:.35rem .6rem;padding:.4rem .9rem .6rem;"
    "grid-template-columns:repeat(7,1fr)}\n"
    ".sums dd{font-weight:600;white-space:nowrap}\n"
    ".sums dd small{font-weight:400}\n"
    ".fail{padding:0 .9rem .6rem;color:var(--dim);font-size:.86em}\n"
    ".note{padding:.6rem .9rem;color:var(--dim);"
    "border-top:1px solid var(--line)}\n"

    /* buttons */

    "form.do{display:inline-flex;gap:.35rem;flex-wrap:wrap}\n"
    ".head form.do{margin-left:auto}\n"
    ".key form.do{margin:.3rem 0 0 .5rem}\n"
    "button{font:inherit;font-size:.86em;color:var(--link);cursor:pointer;"
    "background:var(--card);border:1px solid var(--line);"
    "border-radius:.3rem;padding:.15rem .6rem}\n"
    "button:hover,button:focus-visible{background:var(--soft)}\n"

    /* failed logins: a line each, where there is room for it */

    ".log{list-style:none;padding:.3rem .9rem .6rem}\n"
    ".log li{display:grid;gap:0 .9rem;align-items:baseline;"
    "grid-template-columns:9.5rem minmax(6rem,12rem) minmax(0,1fr) auto;"
    "padding:.25rem 0;border-top:1px solid var(--soft)}\n"
    ".log li:first-child{border-top:0}\n"
    ".log b,.log code{overflow-wrap:anywhere}\n"
    ".log b{font-weight:600}\n"
    ".log .why{color:var(--t)}\n"

    /* the entries */

    "table{width:100%;border-collapse:collapse}\n"
    "th:nth-child(1){width:22%}th:nth-child(2){width:10%}"
    "th:nth-child(3){width:17%}th:nth-child(n+4){width:11%}"
    "th:nth-child(6){width:8%}th:nth-child(n+7){width:5%}\n"
    "th,td{padding:.4rem .55rem;text-align:left;vertical-align:top;"
    "font-weight:400}\n"
    "th:first-child,td:first-child{padding-left:.9rem}\n"
    "th:last-child,td:last-child{padding-right:.9rem}\n"
    "thead th{font-size:.86em;color:var(--dim);white-space:nowrap;"
    "background:var(--soft);padding-top:.25rem;padding-bottom:.25rem}\n"
    "tbody{border-top:1px solid var(--line)}\n"
    ".n{text-align:right;white-space:nowrap}\n"
    ".t,.life{white-space:nowrap}\n"
    ".t small,.key span{display:block}\n"
    ".t small,.err small{white-space:nowrap}\n"
    ".key bdi{display:inline-block;max-width:100%;overflow-wrap:anywhere;"
    "vertical-align:top}\n"
    ".err th,.err td{padding-top:0;padding-bottom:.55rem}\n"
    ".err th{color:var(--dim);font-size:.86em;text-align:right}\n"
    ".err code{color:var(--bad)}\n"

    /* narrow: each entry is a card, each cell a line, its counts share one */

    "@media(max-width:72rem){body{padding:.75rem}\n"
    ".sums{grid-template-columns:repeat(auto-fill,minmax(6.5rem,1fr))}\n"
    "table,tbody,th:nth-child(n),td{display:block;width:auto}\n"
    "thead{position:absolute;width:1px;height:1px;overflow:hidden;"
    "clip-path:inset(50%)}\n"
    "tbody{padding:.55rem .9rem}\n"
    "tbody th:nth-child(n),tbody td:nth-child(n){padding:.1rem 0;"
    "text-align:left;grid-column:1/-1}\n"
    "tbody tr{display:grid;column-gap:.6rem;"
    "grid-template-columns:repeat(auto-fill,minmax(5.2rem,1fr))}\n"
    "tbody tr.err{display:block}\n"
    "td[data-l]{display:flex;align-items:baseline}\n"
    "td[data-l]::before{content:attr(data-l);color:var(--dim);"
    "font-size:.86em;flex:0 0 6rem}\n"
    "tbody td.n:nth-child(n){display:block;grid-column:auto}\n"
    "td.n::before{display:block}\n"
    "td.life>div{flex:1;max-width:22rem}\n"
    ".t,.life{white-space:normal}"
    "td[data-l]>*{min-width:0}"
    ".t small{display:inline;margin-left:.4em}}\n"
    "@media(max-width:48rem){"
    ".log li{grid-template-columns:auto minmax(0,1fr)}"
    ".log .why,.log .took{grid-column:1/-1}"
    ".head form.do{margin-left:0;width:100%}"
    "nav label,nav select,nav input{width:100%;max-width:none}"
    "nav button{height:auto;padding:.4rem 1rem}}\n"

    /* not so narrow: two of these cells in a line */

    "@media(min-width:40rem) and (max-width:72rem){"
    "tbody tr{grid-template-columns:repeat(10,1fr)}\n"
    "tbody td[data-l]:nth-child(n){grid-column:span 5}\n"
    "tbody td.n:nth-child(n){grid-column:span 2}}\n"

    "footer{display:flex;flex-wrap:wrap;gap:.3rem 1rem;"
    "justify-content:space-between}\n";
