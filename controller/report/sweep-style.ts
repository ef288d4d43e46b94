/** How the page of a sweep looks: on light ground and on dark, wide and narrow, and on paper. */
export const sweepStyle = `
  :root { color-scheme: light dark; --ink: #1c2430; --soft: #5b6673; --ground: #fff; --card: #f5f7f9; --rule: #dfe4ea; --bad: #b3261e; --odd: #8a5a00 }
  @media (prefers-color-scheme: dark) { :root { --ink: #dde3ea; --soft: #98a4b3; --ground: #12161c; --card: #1a2129; --rule: #2c3642; --bad: #ff9b92; --odd: #e8b45c } }
  * { box-sizing: border-box }
  body { font: 15px/1.5 system-ui, sans-serif; max-width: 76rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; color: var(--ink); background: var(--ground) }
  h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 }
  h2 { font-size: 1.15rem; margin: 2.5rem 0 .75rem }
  h3 { font-size: 1rem; margin: 0 0 .25rem }
  h3.apart { margin-top: 1.25rem }
  .soft, figcaption, .hint { color: var(--soft) }
  .outcomes { list-style: none; display: flex; flex-wrap: wrap; gap: .5rem; padding: 0; margin: 1rem 0 }
  .outcomes li { background: var(--card); border: 1px solid var(--rule); border-radius: 1rem; padding: .1rem .75rem }
  dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .35rem 1.25rem; margin: 0 }
  dt { color: var(--soft) }
  dd { margin: 0; overflow-wrap: anywhere }
  .plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 32rem), 1fr)); gap: 1rem; align-items: start }
  .plots.three { grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)) }
  figure { margin: 0; padding: 1rem; background: var(--card); border: 1px solid var(--rule); border-radius: 8px; min-width: 0 }
  figcaption { font-size: .875rem; margin-bottom: .5rem }
  .plot { position: relative; width: 100% }
  details { margin-top: .5rem; font-size: .875rem }
  summary { cursor: pointer; color: var(--soft) }
  .scroll { overflow: auto; max-height: 40rem; border: 1px solid var(--rule); border-radius: 8px }
  table { border-collapse: collapse; width: 100%; font-size: .875rem; font-variant-numeric: tabular-nums }
  th, td { text-align: left; padding: .25rem .6rem; white-space: nowrap; border-bottom: 1px solid var(--rule) }
  td:last-child:not(.n) { white-space: normal; min-width: 8rem }
  th { position: sticky; top: 0; background: var(--card); white-space: normal; vertical-align: bottom }
  .n { text-align: right }
  .out-of-memory, .thrashing, .timed-out, .crashed { color: var(--bad) }
  .refused, .cancelled, .not-tried { color: var(--odd) }
  label { display: block; margin-bottom: .75rem }
  select { font: inherit; max-width: 100%; padding: .25rem .5rem }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: .8125rem }
  @media (max-width: 40rem) { dl { grid-template-columns: 1fr; gap: 0 } dd { margin-bottom: .6rem } th, td { padding: .25rem .4rem } }
  @media print { .scroll { max-height: none; overflow: visible } .plots { grid-template-columns: 1fr } figure { break-inside: avoid } }
`;
