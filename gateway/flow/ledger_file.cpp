#include "gateway/flow/ledger_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "gateway/base/hex.hpp"
#include "gateway/base/text.hpp"
#include "gateway/crypto/equal.hpp"
#include "gateway/crypto/hkdf.hpp"
#include "gateway/crypto/hmac.hpp"
#include "gateway/value/json.hpp"

namespace tributary::flow {
namespace {

constexpr std::size_t kCode = 64;  // hex digits

std::string code_of(const crypto::AeadKey& key, std::string_view previous, std::string_view json) {
    const auto derived = crypto::hkdf_sha256(key.key().reveal(), "", "tributary outer ledger");
    return crypto::hmac(crypto::Hash::sha256, derived.reveal(), std::string(previous) + std::string(json));
}

std::int64_t number_of(Timestamp at) {
    return at.time_since_epoch().count();
}

void write(value::Builder& out, const store::ConsentEventRow& event) {
    out.key("type").text("consent").key("event").text(event.event.text()).key("subject").text(event.subject.text());
    out.key("purpose").text(event.purpose).key("event_at").integer(number_of(event.event_at));
    out.key("at").integer(number_of(event.received_at)).key("body").text(event.body);
}
void write(value::Builder& out, const store::Suppression& one) {
    out.key("type").text("suppression").key("key").text(to_hex(one.key.view())).key("reason").text(one.reason);
    out.key("at").integer(number_of(one.at));
}
void write(value::Builder& out, const store::Erasure& one) {
    out.key("type").text("erasure").key("request").text(one.request.text()).key("subject").text(one.subject.text());
    out.key("readmitted").boolean(one.readmitted).key("at").integer(number_of(one.at)).key("keys").begin_array();
    for (const auto& key : one.keys) out.text(to_hex(key.view()));
    out.end();
}

bool read_digest(value::Node node, store::Digest& into) {
    const auto bytes = from_hex(node.text());
    if (!bytes || bytes->size() != into.size()) return false;
    std::ranges::copy(*bytes, into.begin());
    return true;
}

Result<LedgerEntry> read_entry(value::Node line) {
    const auto bad = fail(Fault::bad_input, "it is not complete");
    const auto type = line.find("type").text();
    const auto at = line.find("at");
    if (!at.is(value::Kind::integer)) return bad;
    const Timestamp when{Milliseconds{at.integer()}};
    if (type == "suppression") {
        store::Suppression one{.reason = std::string(line.find("reason").text()), .at = when};
        if (!read_digest(line.find("key"), one.key)) return bad;
        return one;
    }
    const auto subject = Uid::parse(line.find("subject").text());
    if (!subject) return bad;
    if (type == "consent") {
        const auto event = Uid::parse(line.find("event").text());
        const auto event_at = line.find("event_at");
        if (!event || !event_at.is(value::Kind::integer)) return bad;
        return store::ConsentEventRow{.event = *event,
                                      .subject = *subject,
                                      .purpose = std::string(line.find("purpose").text()),
                                      .event_at = Timestamp{Milliseconds{event_at.integer()}},
                                      .received_at = when,
                                      .body = std::string(line.find("body").text())};
    }
    const auto request = Uid::parse(line.find("request").text());
    if (type != "erasure" || !request) return bad;
    store::Erasure one{
        .request = *request, .subject = *subject, .readmitted = line.find("readmitted").boolean(), .at = when};
    for (const auto key : line.find("keys"))
        if (!read_digest(key, one.keys.emplace_back())) return bad;
    return one;
}

Result<LedgerLine> read_line(std::string_view line, std::string_view previous, const vault::KeyRing& ring) {
    if (line.size() < kCode + 1 || line[line.size() - kCode - 1] != ' ')
        return fail(Fault::refused, "a line is an object, a space and its code");
    const auto json = line.substr(0, line.size() - kCode - 1);
    const auto code = from_hex(line.substr(line.size() - kCode));
    const auto document = value::parse_json(json);
    if (!code || !document) return fail(Fault::refused, "it was changed");
    const auto id = Uid::parse(document->root().find("by").text());
    const auto key = id ? ring.find(*id) : nullptr;
    if (!key) return fail(Fault::not_found, "it was written with a key that this key ring does not hold");
    if (!crypto::equal(code_of(*key, previous, json), *code))
        return fail(Fault::refused, "it does not follow from the line before: it was changed, or lines are missing");
    TRY(auto entry, read_entry(document->root()));
    return LedgerLine{std::move(entry), *code};
}

std::unexpected<Error> system_fault(const char* what, const std::filesystem::path& path) {
    return fail(Fault::transient, std::string(what) + ": " + std::strerror(errno), path.string());
}

}  // namespace

bool LedgerContent::has(std::uint64_t number, std::string_view mac) const {
    return number == 0 || (number <= lines.size() && lines[number - 1].mac == mac);
}

Result<LedgerContent> parse_ledger(std::string_view text, const vault::KeyRing& ring) {
    LedgerContent out;
    while (!text.empty()) {
        const auto end = text.find('\n');
        if (end == std::string_view::npos) {
            out.torn = text.size();
            break;
        }
        auto line = read_line(text.substr(0, end), out.mac(), ring);
        if (!line) return pass(std::move(line), "line " + std::to_string(out.lines.size() + 1) + " of the ledger");
        out.lines.push_back(*std::move(line));
        text.remove_prefix(end + 1);
    }
    return out;
}

LedgerLine ledger_line(const LedgerEntry& entry, std::string_view previous, const vault::KeyRing& ring,
                       std::string& text) {
    const auto key = ring.primary(vault::Use::backup);
    value::Builder out;
    out.begin_object().key("by").text(key->id().text());
    std::visit([&](const auto& one) { write(out, one); }, entry);
    out.end();
    const auto document = out.take();
    text = value::to_json(document.root());
    LedgerLine line{entry, code_of(*key, previous, text)};
    text += " " + to_hex(line.mac);
    return line;
}

Result<LedgerContent> read_ledger(const std::filesystem::path& path, const vault::KeyRing& ring) {
    std::ifstream in(path, std::ios::binary);
    if (!in && !std::filesystem::exists(path)) return LedgerContent{};
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    if (!in) return fail(Fault::bad_config, "the ledger cannot be read", path.string());
    auto content = parse_ledger(text, ring);
    if (!content) return pass(std::move(content), path.string());
    return content;
}

Result<void> append_ledger(const std::filesystem::path& path, std::string_view lines, std::size_t torn) {
    const bool fresh = !std::filesystem::exists(path);
    std::error_code ignored;  // the opening tells
    if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), ignored);
    const int file = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) return system_fault("the ledger cannot be opened", path);
    const auto size = ::lseek(file, 0, SEEK_END) - static_cast<off_t>(torn);
    bool kept = torn == 0 || ::ftruncate(file, size) == 0;
    kept =
        kept && ::write(file, lines.data(), lines.size()) == static_cast<ssize_t>(lines.size()) && ::fsync(file) == 0;
    // Half a line is no line: it is cut off by who writes next.
    if (!kept) std::ignore = ::ftruncate(file, size);
    ::close(file);
    if (!kept) return system_fault("the ledger cannot be written", path);
    if (fresh) {
        const int folder =
            ::open(path.parent_path().empty() ? "." : path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        const bool synced = folder >= 0 && ::fsync(folder) == 0;
        if (folder >= 0) ::close(folder);
        if (!synced) return system_fault("the folder of the ledger cannot be made durable", path);
    }
    return {};
}

}  // namespace tributary::flow
