// A proof as one page that verifies itself in the browser: no network, nothing to install.
//
//     <meta Content-Security-Policy>     nothing may be loaded; script and style only with their digests
//     <style>                            how it looks
//     <script type="text/plain">         the proof file in base64
//     <script>                           verifies it and shows what it proves
//
// Whatever is read on the page was written by the script, from the proof: there is no second text that
// could say something else. A changed script does not run, because its digest is no longer the one that the
// policy allows.
import WritCrypto
import WritModel

/// Makes evidence pages.
public enum EvidencePage {
  /// Whether the bytes begin as a proof does: of an entry (C2SP tlog-proof), or of a question.
  public static func takes(_ bytes: [UInt8]) -> Bool {
    if bytes.starts(with: Array("c2sp.org/tlog-proof@v1\n".utf8)) { return true }
    let mark = Array("\"urn:writ:proof:v1\"".utf8)
    guard bytes.first == UInt8(ascii: "{"), bytes.count >= mark.count else { return false }
    return (0...bytes.count - mark.count).contains { bytes[$0...].starts(with: mark) }
  }

  /// The page of a proof file, whatever it holds: also a false proof is shown, as one that does not verify.
  public static func html(of proof: [UInt8]) -> String {
    let script = "\n" + verifier + "\n" + words + "\n" + view + "\n"
    let style = "\n" + style + "\n"
    return """
      <!doctype html>
      <html lang="en">
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta http-equiv="Content-Security-Policy" content="\(policy(script, style))">
      <title>Evidence, not verified</title>
      <style>\(style)</style>
      <body>
      <p>This page did not check itself: scripts are off, or it was changed. Verify the proof with writ-verify.</p>
      <script type="text/plain" id="proof" data-sha256="\(Digest(of: proof).hex)" \
      data-style="\(Digest(of: Array(style.utf8)).hex)">\(Base64.encode(proof))</script>
      <script>\(script)</script>
      </html>

      """
  }

  /// Nothing from anywhere, and of what is inline only these two texts; `style` attributes for the width of pictures.
  private static func policy(_ script: String, _ style: String) -> String {
    "default-src 'none'; base-uri 'none'; form-action 'none'; script-src '\(source(script))'; "
      + "style-src-elem '\(source(style))'; style-src-attr 'unsafe-inline'"
  }

  private static func source(_ text: String) -> String {
    "sha256-" + Base64.encode(Digest(of: Array(text.utf8)).bytes)
  }
}
