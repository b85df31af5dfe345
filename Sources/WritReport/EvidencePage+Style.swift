// How an evidence page looks: on a phone, in the dark, in print.

extension EvidencePage {
  /// Colours of both schemes reach a contrast of 4.5 to 1.
  static let style = ###"""
    :root { color-scheme: light dark; --ink: #1c2127; --paper: #fff; --card: #f6f7f9; --line: #c9ced6; --quiet: #58616d;
      --good: #0b6b3a; --bad: #b3261e; --wait: #8a5a00; --own: #d8e6fb; --blame: #fbdcd9; }
    @media (prefers-color-scheme: dark) {
      :root { --ink: #e6e9ee; --paper: #14171b; --card: #1d2127; --line: #3a414b; --quiet: #a3acb8;
        --good: #5fd38d; --bad: #ff8a80; --wait: #f0c05a; --own: #24406b; --blame: #6b2a26; }
    }
    * { box-sizing: border-box; }
    body { margin: 0 auto; max-width: 58rem; padding: 1rem; color: var(--ink); background: var(--paper); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
    h1 { margin: 0; font-size: 1.6rem; } h2 { font-size: 1.25rem; margin: 2rem 0 .5rem; } h3 { margin: 0 0 .5rem; font-size: 1.05rem; }
    .quiet { color: var(--quiet); font-size: .9rem; } .digest, pre, code { font-family: ui-monospace, monospace; font-size: .85rem; }
    .digest { color: var(--quiet); } .hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
    .check, .record { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: 1rem; margin: 1rem 0; }
    label { display: block; font-weight: 600; } textarea { width: 100%; font: .9rem ui-monospace, monospace; color: inherit; background: var(--paper); border: 1px solid var(--line); border-radius: .4rem; padding: .5rem; }
    .buttons { display: flex; flex-wrap: wrap; gap: .6rem; } button { font: inherit; font-weight: 600; padding: .5rem 1.2rem; border-radius: .4rem; border: 1px solid var(--ink); background: var(--ink); color: var(--paper); cursor: pointer; }
    button.plain { background: transparent; color: var(--ink); font-weight: 400; } :focus-visible { outline: 3px solid #4c8dff; outline-offset: 2px; }
    #hint { margin: .3rem 0 .8rem; } #verdict { font-weight: 700; font-size: 1.1rem; margin: 1rem 0 .5rem; border-left: .4rem solid; padding-left: .7rem; }
    #cautions .waiting { font-weight: 600; border-left: .4rem solid; padding-left: .7rem; margin: .5rem 0; }
    .good { color: var(--good); } .bad { color: var(--bad); } .waiting { color: var(--wait); } #steps { list-style: none; padding: 0; margin: 0; } #steps li { margin: .4rem 0; }
    .record { border-left-width: .4rem; } .record.allow { border-left-color: var(--good); } .record.deny { border-left-color: var(--bad); } .record.hold { border-left-color: var(--wait); }
    .allow .outcome { color: var(--good); } .deny .outcome { color: var(--bad); } .hold .outcome { color: var(--wait); }
    dl { margin: 0; } .row { display: grid; grid-template-columns: 8rem 1fr; gap: .2rem 1rem; } dt { color: var(--quiet); } dd { margin: 0; }
    .reasons { padding-left: 1.2rem; } details { margin: .5rem 0; } summary { cursor: pointer; } .wide { overflow-x: auto; } pre { overflow-x: auto; white-space: pre; }
    table { border-collapse: collapse; font-size: .9rem; width: 100%; } th, td { text-align: left; vertical-align: top; padding: .25rem .6rem; border-bottom: 1px solid var(--line); overflow-wrap: normal; }
    th, td:nth-child(2) { white-space: nowrap; } td:nth-child(3) { overflow-wrap: anywhere; min-width: 10rem; }
    svg { width: 100%; height: auto; max-height: 40rem; } svg text { fill: var(--ink); font: 12px ui-monospace, monospace; } svg text.quiet { fill: var(--quiet); }
    rect { fill: var(--card); stroke: var(--line); } rect.own { fill: var(--own); } rect.blamed { fill: var(--blame); stroke: var(--bad); } rect.root { fill: var(--own); stroke: var(--good); stroke-width: 2; } .line { fill: none; stroke: var(--quiet); stroke-width: 1.2; }
    footer { margin-top: 2rem; border-top: 1px solid var(--line); }
    @media (max-width: 36rem) { .row { grid-template-columns: 1fr; } dt { margin-top: .4rem; } }
    @media print { :root { --ink: #000; --paper: #fff; --card: #fff; --line: #888; --quiet: #333; } body { max-width: none; font-size: 10pt; } form { display: none; } .record { break-inside: avoid-page; } .wide, pre { overflow: visible; white-space: pre-wrap; } }
    """###
}
