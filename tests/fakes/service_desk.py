"""A service desk on loopback that speaks as much of Redmine's REST API as the gateway uses: issues listed, searched by
words of their subject, opened and changed. Every request is journaled. `slow` seconds pass between a change and its
answer, so that whoever is killed meanwhile cannot know.
"""
import datetime
import http.server
import json
import threading
import time
import urllib.parse

STATES = {1: "New", 2: "In Progress", 5: "Closed"}
PRIORITIES = {1: "Low", 2: "Normal", 3: "High", 4: "Urgent"}


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


class ServiceDesk:
    def __init__(self, slow=0.0):
        self.slow, self.lock = slow, threading.Lock()
        self.issues, self.journal = {}, []  # by id; (method, id, fields)
        desk = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self, status, body=None):
                text = json.dumps(body).encode() if body is not None else b""
                try:
                    self.send_response(status)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(text)))
                    self.end_headers()
                    self.wfile.write(text)
                except OSError:
                    pass  # the gateway was killed

            def do_GET(self):
                path, _, query = self.path.partition("?")
                query = dict(urllib.parse.parse_qsl(query))
                if path.startswith("/issues/"):
                    issue = desk.issues.get(int(path.removeprefix("/issues/").removesuffix(".json")))
                    return self.answer(200, {"issue": issue}) if issue else self.answer(404)
                words = query.get("subject", "").removeprefix("~").split()
                with desk.lock:
                    found = [i for i in desk.issues.values() if all(word.lower() in i["subject"].lower() for word in words)]
                offset, limit = int(query.get("offset", 0)), int(query.get("limit", 25))
                self.answer(200, {"issues": found[offset:offset + limit], "total_count": len(found), "offset": offset, "limit": limit})

            def change(self, take):
                fields = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["issue"]
                with desk.lock:
                    status, body = take(fields)
                time.sleep(desk.slow)
                self.answer(status, body)

            def do_POST(self):
                self.change(desk.open)

            def do_PUT(self):
                self.change(lambda fields: desk.alter(int(self.path.removeprefix("/issues/").removesuffix(".json")), fields))

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass  # a gateway that was killed

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def open(self, fields):
        if not fields.get("subject") or not fields.get("project_id"):
            return 422, {"errors": ["Subject cannot be blank"]}
        number = len(self.issues) + 1
        self.issues[number] = {"id": number, "project": {"id": 1, "name": fields["project_id"]}, "tracker": {"id": 3, "name": "Support"},
                               "author": {"id": 1, "name": "Gateway"}, "created_on": now(), "closed_on": None, "due_date": None}
        self.alter(number, {"status_id": 1, "priority_id": 2} | fields, "POST")
        return 201, {"issue": self.issues[number]}

    def alter(self, number, fields, method="PUT"):
        issue = self.issues.get(number)
        if not issue:
            return 404, None
        self.journal.append((method, number, fields))
        issue |= {key: fields[key] for key in ("subject", "description", "due_date") if key in fields} | {"updated_on": now()}
        if "status_id" in fields:
            issue["status"] = {"id": int(fields["status_id"]), "name": STATES[int(fields["status_id"])]}
            issue["closed_on"] = now() if int(fields["status_id"]) == 5 else None
        if "priority_id" in fields:
            issue["priority"] = {"id": int(fields["priority_id"]), "name": PRIORITIES[int(fields["priority_id"])]}
        return 204, None

    def all(self):
        with self.lock:
            return [dict(issue) for issue in self.issues.values()]
