#!/usr/bin/env bash
# playwright 1.65.2 (Python) with Chromium, on a page whose Content-Security-Policy is "default-src 'self'": wait_for_function with a
# text that is true already returns, as evaluate does; the same text that becomes true a little later raises EvalError ('unsafe-eval'
# is not allowed), since the waiting itself evaluates the text inside the page. Written as a function, "() => ...", it waits. So a
# test of a page with a strict policy passes or fails by how quick the page is. Cure: give functions. Seen: "returned, EvalError,
# returned". Fails if that changes. Needs Chromium on the PATH (Debian's package chromium).
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
command -v chromium >/dev/null || { echo "no Chromium on the PATH"; exit 2; }
python3 -m venv "$folder/venv"; "$folder/venv/bin/pip" install -q playwright==1.65.2
cat > "$folder/wait.py" <<'P'
import http.server, shutil, threading
from playwright.sync_api import Error, sync_playwright

class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.send_header("content-security-policy", "default-src 'self'")
        self.end_headers()
        self.wfile.write(b"<title>now</title>")
    def log_message(self, *words):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
threading.Thread(target=server.serve_forever, daemon=True).start()

def waited(page, expression):
    try:
        page.wait_for_function(expression, timeout=5000)
    except Error as error:
        return "EvalError" if "EvalError" in str(error) and "unsafe-eval" in str(error) else str(error)
    return "returned"

with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
    page = browser.new_page()
    page.goto(f"http://127.0.0.1:{server.server_port}/")
    assert page.evaluate("document.title === 'now'") is True
    later = "setTimeout(() => { document.title = 'later' }, 800)"
    seen = [waited(page, "document.title === 'now'")]
    page.evaluate(later)
    seen.append(waited(page, "document.title === 'later'"))
    page.goto(page.url)
    page.evaluate(later)
    seen.append(waited(page, "() => document.title === 'later'"))
    browser.close()
print(", ".join(seen))
assert seen == ["returned", "EvalError", "returned"]
P
"$folder/venv/bin/python" "$folder/wait.py"
