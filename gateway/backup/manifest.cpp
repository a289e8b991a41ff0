#include "gateway/backup/manifest.hpp"

#include <optional>

#include "gateway/base/hex.hpp"
#include "gateway/base/text.hpp"
#include "gateway/value/json.hpp"

namespace tributary::backup {
namespace {

constexpr std::string_view kHeading = "tributary backup manifest 1";
constexpr std::size_t kMostParts = 1000;

std::unexpected<Error> lacks(std::string_view name) {
    return fail(Fault::bad_input, "the manifest has no proper '" + std::string(name) + "'");
}

// Each reads one member; the first that is wrong is remembered.
class Members {
  public:
    explicit Members(value::Node node) : node_(node) {}
    std::string text(std::string_view name) {
        const auto found = node_.find(name);
        if (!found.is(value::Kind::text)) note(name);
        return std::string(found.text());
    }
    std::uint64_t count(std::string_view name) {
        const auto found = node_.find(name);
        if (!found.is(value::Kind::integer) || found.integer() < 0) note(name);
        return static_cast<std::uint64_t>(std::max<std::int64_t>(0, found.integer()));
    }
    Timestamp time(std::string_view name) { return Timestamp{Milliseconds{static_cast<std::int64_t>(count(name))}}; }
    // 32 bytes, or none.
    std::string hash(std::string_view name) {
        auto bytes = from_hex(text(name));
        if (!bytes || (bytes->size() != 32 && !bytes->empty())) note(name);
        return bytes.value_or("");
    }
    void note(std::string_view name) {
        if (wrong_.empty()) wrong_ = name;
    }
    const std::string& wrong() const { return wrong_; }

  private:
    value::Node node_;
    std::string wrong_;
};

}  // namespace

std::string_view name_of(Kind kind) {
    return kind == Kind::data ? "data" : "keys";
}

std::uint64_t Manifest::rows() const {
    std::uint64_t sum = 0;
    for (const auto& part : parts) sum += part.rows;
    return sum;
}

std::string Manifest::text() const {
    value::Builder out;
    const auto count = [&](std::string_view name, std::uint64_t number) {
        out.key(name).integer(static_cast<std::int64_t>(number));
    };
    const auto time = [&](std::string_view name, Timestamp at) {
        out.key(name).integer(at.time_since_epoch().count());
    };
    out.begin_object().key("id").text(id.text()).key("kind").text(name_of(kind));
    out.key("gateway").text(gateway).key("program").text(program);
    time("created", created);
    time("finished", finished);
    count("schema", schema);
    out.key("header").text(to_hex(header)).key("parts").begin_array();
    for (const auto& part : parts) {
        out.begin_object().key("name").text(part.name);
        count("rows", part.rows);
        count("chunks", part.chunks);
        out.key("sha256").text(to_hex(part.digest)).end();
    }
    out.end();
    count("audit_size", audit_size);
    out.key("audit_root").text(to_hex(audit_root)).key("checkpoint").text(checkpoint);
    count("ledger_lines", ledger_lines);
    out.key("ledger_mac").text(to_hex(ledger_mac)).end();
    return std::string(kHeading) + "\n" + value::to_json(out.take().root()) + "\n";
}

Result<Manifest> Manifest::parse(std::string_view text) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos || text.substr(0, end) != kHeading)
        return fail(Fault::bad_input, "a manifest begins with the line '" + std::string(kHeading) + "'");
    TRY(const auto document, value::parse_json(trim(text.substr(end + 1))));
    const auto root = document.root();
    Members read(root);
    Manifest out;
    const auto id = Uid::parse(read.text("id"));
    if (!id) return lacks("id");
    out.id = *id;
    const auto kind = read.text("kind");
    if (kind != "data" && kind != "keys") return lacks("kind");
    out.kind = kind == "data" ? Kind::data : Kind::keys;
    out.gateway = read.text("gateway");
    out.program = read.text("program");
    out.created = read.time("created");
    out.finished = read.time("finished");
    out.schema = static_cast<std::uint32_t>(read.count("schema"));
    out.header = read.hash("header");
    const auto parts = root.find("parts");
    if (!parts.is(value::Kind::array) || parts.size() > kMostParts) return lacks("parts");
    for (const auto node : parts) {
        Members part(node);
        out.parts.push_back({part.text("name"), part.count("rows"), part.count("chunks"), part.hash("sha256")});
        if (!part.wrong().empty()) return lacks(part.wrong());
    }
    out.audit_size = read.count("audit_size");
    out.audit_root = read.hash("audit_root");
    out.checkpoint = read.text("checkpoint");
    out.ledger_lines = read.count("ledger_lines");
    out.ledger_mac = read.hash("ledger_mac");
    if (!read.wrong().empty()) return lacks(read.wrong());
    return out;
}

}  // namespace tributary::backup
