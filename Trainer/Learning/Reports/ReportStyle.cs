namespace CpfPipeline.Learning.Reports;

/// <summary>
/// The page's style sheet. Blue and orange are told apart by every kind of colour vision; both hold a contrast of 3:1 against the page in either scheme, text 4.5:1.
/// </summary>
internal static class ReportStyle
{
    public const string Text = """

        :root {
          color-scheme: light dark;
          --page: #f7f8f9; --card: #ffffff; --ink: #1b2127; --soft: #56616c; --line: #dde2e6; --grid: #e8ebee;
          --same: #1f6fb4; --other: #c85a12; --mark: #1b2127; --good: #12806a; --box: #d9dee2;
        }
        @media screen and (prefers-color-scheme: dark) {
          :root {
            --page: #121518; --card: #1a1f23; --ink: #e7ebee; --soft: #9eabb6; --line: #2f363d; --grid: #272d33;
            --same: #62aef0; --other: #f0935a; --mark: #e7ebee; --good: #4fc4a9; --box: #3a424a;
          }
        }
        * { box-sizing: border-box; }
        html { -webkit-text-size-adjust: 100%; }
        body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", "DejaVu Sans", sans-serif; }
        main { max-width: 1120px; margin: 0 auto; padding: 40px 24px 32px; }
        h1, h2, h3, p, ul, dl, figure { margin: 0; }
        ul { padding: 0; list-style: none; }
        h1 { font-size: 1.9rem; line-height: 1.2; font-weight: 650; letter-spacing: -0.015em; overflow-wrap: anywhere; }
        h2 { font-size: 1.2rem; font-weight: 650; margin: 44px 0 4px; letter-spacing: -0.005em; }
        h3 { font-size: 0.95rem; font-weight: 600; }
        .kind { color: var(--soft); font-size: 0.8rem; letter-spacing: 0.08em; text-transform: uppercase; margin-bottom: 6px; }
        .scope, .intro { color: var(--soft); }
        .scope { margin-top: 8px; }
        .intro { max-width: 100ch; margin-bottom: 14px; font-size: 0.93rem; }
        .number, .value, .similarity { font-variant-numeric: tabular-nums; }
        .nameless { color: var(--soft); }

        .cards { display: grid; grid-template-columns: repeat(12, 1fr); gap: 14px; margin-top: 14px; }
        .card { grid-column: span 3; background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 14px 16px; min-width: 0; }
        .card.lead { grid-column: span 6; border-top: 3px solid var(--same); }
        .card h3 { color: var(--soft); font-weight: 600; }
        .card p { font-size: 0.87rem; color: var(--soft); }
        .card .value { font-size: 1.5rem; line-height: 1.3; font-weight: 650; color: var(--ink); margin: 2px 0 6px; }
        .card.lead .value { font-size: 2.2rem; }
        .range { font-size: 0.92rem; font-weight: 400; color: var(--soft); margin-left: 6px; display: inline-block; line-height: 1.3; }
        .strip { position: relative; height: 6px; border-radius: 3px; background: var(--grid); margin: 8px 0 24px; }
        .strip .span { position: absolute; top: 0; bottom: 0; min-width: 2px; border-radius: 3px; background: var(--same); opacity: 0.45; }
        .strip .at { position: absolute; top: -4px; width: 3px; height: 14px; margin-left: -1.5px; border-radius: 2px; background: var(--same); }
        .strip .ends { position: absolute; top: 8px; left: 0; font-size: 0.72rem; color: var(--soft); }
        .strip .end { left: auto; right: 0; }

        .wide { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: 8px; margin-top: 14px; }
        table { border-collapse: collapse; width: 100%; font-size: 0.9rem; }
        th, td { padding: 8px 14px; text-align: left; border-bottom: 1px solid var(--grid); vertical-align: top; }
        thead th { color: var(--soft); font-weight: 600; font-size: 0.83rem; white-space: nowrap; border-bottom-color: var(--line); }
        tbody th { font-weight: 500; min-width: 9em; overflow-wrap: anywhere; }
        tbody tr:last-child th, tbody tr:last-child td { border-bottom: 0; }
        tr.own { background: color-mix(in srgb, var(--same) 9%, transparent); }
        tr.own th { font-weight: 650; }
        th.number, td.number { text-align: right; white-space: nowrap; }
        th button { font: inherit; color: inherit; background: none; border: 0; padding: 0; margin: 0; cursor: pointer; }
        th button:hover { color: var(--ink); text-decoration: underline; }
        th[aria-sort=ascending] button::before { content: "↑ "; }
        th[aria-sort=descending] button::before { content: "↓ "; }

        .plots { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 16px; margin-top: 14px; }
        figure { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 14px 16px 16px; min-width: 0; }
        .legend { display: flex; flex-wrap: wrap; gap: 2px 16px; margin: 4px 0 8px; font-size: 0.82rem; color: var(--soft); min-height: 1.5em; }
        .legend li { display: flex; align-items: center; gap: 6px; }
        .swatch { flex: none; display: inline-block; width: 14px; height: 10px; border-radius: 2px; }
        figcaption { font-size: 0.85rem; color: var(--soft); margin-top: 8px; }
        .plots figure:last-child:nth-child(odd) { grid-column: 1 / -1; display: grid; grid-template: auto auto 1fr / repeat(2, minmax(0, 1fr)); column-gap: 48px; }
        .plots figure:last-child:nth-child(odd) svg { grid-area: 1 / 1 / -1 / 2; }
        svg.plot { display: block; width: 100%; height: auto; }
        svg text { fill: var(--soft); font-size: 12px; font-family: inherit; font-variant-numeric: tabular-nums; }
        svg text.title { font-weight: 600; }
        svg text.note { fill: var(--ink); stroke: var(--card); stroke-width: 4px; paint-order: stroke; }
        svg line { stroke-width: 1; }
        svg line.grid { stroke: var(--grid); }
        svg line.axis { stroke: var(--soft); }
        svg line.mark { stroke: var(--mark); stroke-width: 1.5; stroke-dasharray: 5 3; }
        svg .line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
        svg .bar { fill-opacity: 0.32; shape-rendering: crispEdges; }
        svg .bar.positive { fill: var(--same); }
        svg .bar.negative { fill: var(--other); }
        svg .outline { stroke-width: 1.6; pointer-events: none; }
        svg .outline.positive { stroke: var(--same); }
        svg .outline.negative { stroke: var(--other); }
        svg .line.curve, svg .line.loss { stroke: var(--same); }
        svg .line.loss { stroke-width: 1.6; }
        svg .line.score { stroke: var(--other); }
        svg .line.class { stroke: var(--same); stroke-width: 0.8; stroke-opacity: 0.28; }
        svg .line.class:hover { stroke-width: 2.5; stroke-opacity: 1; }
        svg .line.mean { stroke: var(--other); stroke-width: 2.8; }
        svg .line.equal { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 1 4; }
        svg .dot.class { fill: var(--same); fill-opacity: 0.4; stroke: var(--same); stroke-width: 0.8; }
        svg .dot.score { fill: var(--other); }
        svg .dot.top { stroke: var(--card); stroke-width: 2; }
        svg .dot.operating { fill: var(--other); stroke: var(--card); stroke-width: 2; }
        svg .dot.best { fill: var(--card); stroke: var(--good); stroke-width: 2.4; }
        svg .target { fill: transparent; }
        .swatch.positive, .swatch.negative { opacity: 0.7; }
        .swatch.positive { background: var(--same); }
        .swatch.negative { background: var(--other); }
        .swatch.curve, .swatch.loss, .swatch.class { height: 3px; background: var(--same); }
        .swatch.class { height: 1px; }
        .swatch.mean, .swatch.score { height: 3px; background: var(--other); }
        .swatch.mark { height: 0; border-top: 2px dashed var(--mark); border-radius: 0; }
        .swatch.dot, .swatch.operating { width: 10px; border-radius: 50%; background: var(--other); }
        .swatch.dot { background: color-mix(in srgb, var(--same) 45%, var(--card)); border: 1px solid var(--same); }
        .swatch.best { width: 9px; height: 9px; border: 2px solid var(--good); border-radius: 0; transform: rotate(45deg); margin: 0 3px; }

        .montage { display: grid; grid-template-columns: repeat(auto-fill, minmax(236px, 1fr)); gap: 12px; }
        .pair { display: grid; grid-template-columns: 1fr 1fr; gap: 6px 10px; align-content: start; background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 10px 12px 12px; }
        .similarity { grid-column: 1 / -1; font-size: 0.9rem; font-weight: 600; text-align: center; }
        .side { min-width: 0; text-align: center; font-size: 0.76rem; line-height: 1.35; color: var(--soft); }
        .side img, .missing { display: flex; width: 96px; height: 96px; margin: 0 auto 6px; border-radius: 5px; }
        .side img { object-fit: contain; background: #fff; border: 1px solid var(--line); }
        .missing { align-items: center; justify-content: center; padding: 6px; background: var(--box); color: var(--ink); font-size: 0.75rem; }
        .name { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 3; overflow: hidden; overflow-wrap: anywhere; }

        dl { background: var(--card); border: 1px solid var(--line); border-radius: 8px; margin-top: 14px; padding: 4px 16px; font-size: 0.9rem; }
        dl div { display: grid; grid-template-columns: minmax(9em, 15em) minmax(0, 1fr); gap: 4px 16px; padding: 7px 0; border-bottom: 1px solid var(--grid); }
        dl div:last-child { border-bottom: 0; }
        dt { color: var(--soft); overflow-wrap: anywhere; }
        dd { margin: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
        footer { margin-top: 36px; padding-top: 14px; border-top: 1px solid var(--line); color: var(--soft); font-size: 0.8rem; max-width: none; }

        #tip { position: fixed; z-index: 2; left: 0; top: 0; max-width: min(320px, 80vw); padding: 5px 9px; border-radius: 5px; background: var(--ink); color: var(--page); font-size: 0.8rem; line-height: 1.35; overflow-wrap: anywhere; pointer-events: none; visibility: hidden; }
        #tip.shown { visibility: visible; }
        :focus-visible { outline: 2px solid var(--same); outline-offset: 2px; }

        @media screen and (max-width: 860px) {
          .plots { grid-template-columns: minmax(0, 1fr); }
          .plots figure:last-child:nth-child(odd) { display: block; }
          .card { grid-column: span 6; }
        }
        @media screen and (max-width: 560px) {
          main { padding: 24px 14px; }
          h1 { font-size: 1.5rem; }
          .card.lead { grid-column: 1 / -1; }
          .card { padding: 12px; }
          figure { padding: 12px 10px 14px; }
          svg text { font-size: 15px; }
          th, td { padding: 7px 10px; }
          dl div { grid-template-columns: minmax(0, 1fr); }
          .montage { grid-template-columns: minmax(0, 1fr); }
        }
        @media print {
          html { font-size: 12px; }
          body { background: #fff; font-size: 1rem; }
          main { max-width: none; padding: 0; }
          .card, figure, .pair, tr, dl div { break-inside: avoid; }
          h2 { break-after: avoid; }
          .wide { overflow: visible; }
          .wide th, .wide td { padding: 4px 6px; }
          * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
          #tip { display: none; }
        }

        """;
}
