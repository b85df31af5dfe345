// A diagram as one HTML page: the picture, and all that it shows as tables. No script, nothing loaded.

import WritCrypto
import WritModel

extension Diagram {
  /// The page.
  public var html: String {
    let style = "\n" + Diagram.drawingStyle + "\n" + Diagram.pageStyle + "\n"
    let digest = Base64.encode(Digest(of: Array(style.utf8)).bytes)
    let tables = tables.map(html).joined(separator: "\n")
    return """
      <!doctype html>
      <html lang="en">
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; base-uri 'none'; \
      form-action 'none'; style-src 'sha256-\(digest)'">
      <title>\(escaped(title))</title>
      <style>\(style)</style>
      <body>
      <header><h1>\(escaped(title))</h1>
      \(lines.map { "<p>\(escaped($0))</p>" }.joined(separator: "\n"))
      </header>
      <main>
      <div class="wide" tabindex="0" role="region" aria-label="picture">
      \(svgElement(style: nil))
      </div>
      \(tables)
      </main>
      </html>

      """
  }

  private func html(_ table: Table) -> String {
    let head = table.head.map { "<th scope=\"col\">\(escaped($0))</th>" }.joined()
    let rows = table.rows.map { row in
      "<tr>" + row.map { "<td>\(escaped($0))</td>" }.joined() + "</tr>"
    }
    return "<section><h2>\(escaped(table.title))</h2>\n"
      + "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"\(escaped(table.title))\"><table>\n"
      + "<thead><tr>\(head)</tr></thead>\n<tbody>\n\(rows.joined(separator: "\n"))\n</tbody></table></div></section>"
  }

  private static let pageStyle = """
    :root { color-scheme: light dark; --ink: #1c2127; --paper: #fff; --line: #c9ced6; --quiet: #58616d; }
    @media (prefers-color-scheme: dark) { :root { --ink: #e6e9ee; --paper: #14171b; --line: #3a414b; --quiet: #a3acb8; } }
    * { box-sizing: border-box; } body { margin: 0 auto; max-width: 90rem; padding: 1rem; color: var(--ink); background: var(--paper); font: 1rem/1.5 system-ui, sans-serif; }
    h1 { margin: 0; font-size: 1.5rem; overflow-wrap: anywhere; } h2 { font-size: 1.15rem; margin: 1.5rem 0 .5rem; } header p { margin: .1rem 0; color: var(--quiet); overflow-wrap: anywhere; }
    .wide { overflow-x: auto; margin: 1rem 0; } :focus-visible { outline: 3px solid #4c8dff; outline-offset: 2px; }
    table { border-collapse: collapse; font-size: .9rem; } th, td { text-align: left; vertical-align: top; padding: .25rem .8rem .25rem 0; border-bottom: 1px solid var(--line); }
    @media print { :root { --ink: #000; --paper: #fff; --line: #888; --quiet: #333; } body { max-width: none; font-size: 9pt; } .wide { overflow: visible; } svg { max-width: 100%; height: auto; } tr { break-inside: avoid; } }
    """
}
