#include "connectors/email/imap/session.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "connectors/email/imap/folder_name.hpp"
#include "gateway/base/text.hpp"

namespace tributary::connectors::imap {

namespace {

using Status = Response::Status;
constexpr std::uint64_t kMaxUid = 0xFFFFFFFF;

// RFC 5530's codes, as far as they tell what to do. The text is the server's own and may hold anything.
Fault fault_of(const Response& end, Fault otherwise) {
    if (end.code.empty()) return otherwise;
    const auto& code = end.code.front();
    if (code.is("AUTHENTICATIONFAILED") || code.is("AUTHORIZATIONFAILED") || code.is("EXPIRED"))
        return Fault::unauthorized;
    if (code.is("UNAVAILABLE") || code.is("INUSE") || code.is("SERVERBUG")) return Fault::transient;
    if (code.is("LIMIT")) return Fault::rate_limited;
    if (code.is("NONEXISTENT") || code.is("TRYCREATE")) return Fault::not_found;
    if (code.is("NOPERM")) return Fault::refused;
    return otherwise;
}

std::string_view code_name(const Response& end) {
    return end.code.empty() ? std::string_view("no code") : std::string_view(end.code.front().text);
}

std::optional<Uid> uid_of(const Value& value) {
    const auto number = value.number();
    if (!number || *number == 0 || *number > kMaxUid) return std::nullopt;
    return static_cast<Uid>(*number);
}

std::optional<Fetched> fetched(const Response& response) {
    const auto& values = response.values;
    if (values.size() < 3 || !values[1].is("FETCH") || values[2].kind != Value::Kind::list) return std::nullopt;
    const auto& items = values[2].items;
    const auto* uid = find_item(items, "UID");
    const auto number = uid ? uid_of(*uid) : std::nullopt;
    if (!number) return std::nullopt;  // flags that changed on their own tell no UID
    Fetched out;
    out.uid = *number;
    if (const auto* size = find_item(items, "RFC822.SIZE")) out.size = size->number().value_or(0);
    if (const auto* date = find_item(items, "INTERNALDATE")) out.internal_date = date->text;
    if (const auto* flags = find_item(items, "FLAGS")) {
        for (const auto& flag : flags->items) out.flags.push_back(flag.text.substr(0, 100));
    }
    if (const auto* body = find_item(items, "BODY["); body && body->kind == Value::Kind::text) out.bytes = body->text;
    return out;
}

}  // namespace

std::string uid_set(const std::vector<Uid>& uids) {
    std::string out;
    for (std::size_t i = 0; i < uids.size();) {
        auto last = i;
        while (last + 1 < uids.size() && uids[last + 1] == uids[last] + 1) ++last;
        if (!out.empty()) out += ',';
        out += last == i ? fmt::format("{}", uids[i]) : fmt::format("{}:{}", uids[i], uids[last]);
        i = last + 1;
    }
    return out;
}

Result<Session> Session::open(std::unique_ptr<Wire> wire, ResponseLimits limits, Milliseconds timeout) {
    Session session(std::move(wire), limits, timeout);
    CHECK_OK(session.run("CAPABILITY", Fault::transient, [&](Response& response) {
        if (!response.values.empty() && response.values.front().is("CAPABILITY")) session.learn(response.values, 1);
    }));
    if (session.can("ID")) {
        // Whether it likes our name does not matter.
        auto told = session.run("ID (\"name\" \"tributary\")", Fault::transient, [](Response&) {});
        if (!told && !session.refused()) return pass(std::move(told));
    }
    return session;
}

void Session::learn(const std::vector<Value>& capabilities, std::size_t from) {
    for (auto i = from; i < capabilities.size() && capabilities_.size() < 200; ++i)
        capabilities_.insert(upper_ascii(capabilities[i].text));
}

Result<Response> Session::next() {
    for (;;) {
        TRY(auto response, reader_.next());
        if (response) {
            if (response->status == Status::bye && response->kind == Response::Kind::untagged)
                return fail(Fault::transient, "imap: the server ended the connection");
            return std::move(*response);
        }
        TRY(const auto bytes, wire_->receive(timeout_));
        if (bytes.empty()) return fail(Fault::transient, "imap: the server did not answer in time");
        reader_.feed(bytes);
    }
}

Result<void> Session::finish(const std::string& tag, Fault no, const Take& take) {
    for (;;) {
        TRY(auto response, next());
        if (response.kind == Response::Kind::untagged) {
            if (response.values.size() >= 2 && response.values[1].is("EXISTS"))
                exists_ = response.values[0].number().value_or(0);
            take(response);
            continue;
        }
        if (response.kind == Response::Kind::go_on || response.tag != tag) continue;
        if (response.status == Status::ok) return {};
        refused_ = response.status == Status::no;
        const auto fault = refused_ ? fault_of(response, no) : Fault::internal;
        return fail(fault,
                    fmt::format("the mail server answered {} ({})", refused_ ? "NO" : "BAD", code_name(response)));
    }
}

Result<void> Session::run(std::string_view command, Fault no, const Take& take) {
    refused_ = false;
    const auto tag = fmt::format("t{}", ++commands_);
    CHECK_OK(wire_->send(fmt::format("{} {}\r\n", tag, command)));
    return finish(tag, no, take);
}

Result<Folder> Session::examine(const std::string& name) {
    Folder folder;
    const auto take = [&](Response& response) {
        if (response.status != Status::ok || response.code.size() < 2) return;
        const auto& code = response.code;
        const auto number = code[1].number().value_or(0);
        if (code[0].is("UIDVALIDITY")) folder.validity = number;
        if (code[0].is("UIDNEXT")) folder.next_uid = number;
        if (code[0].is("HIGHESTMODSEQ")) folder.modseq = number;
    };
    exists_ = 0;
    const auto condstore = can("CONDSTORE") ? " (CONDSTORE)" : "";
    auto opened =
        run(fmt::format("EXAMINE {}{}", imap::quoted(to_modified_utf7(name)), condstore), Fault::not_found, take);
    if (!opened) return pass(std::move(opened), "folder " + name);
    folder.exists = exists_;
    if (folder.validity == 0)
        return fail(Fault::bad_config, "the mail server gives no UIDVALIDITY: it cannot be read page by page", name);
    return folder;
}

Result<std::vector<Uid>> Session::search(Uid from, Uid to, const std::string& since) {
    std::vector<Uid> uids;
    const auto end = to == 0 ? std::string("*") : fmt::format("{}", to);
    CHECK_OK(run(fmt::format("UID SEARCH UID {}:{}{}", from, end, since.empty() ? "" : " SINCE " + since),
                 Fault::transient, [&](Response& response) {
                     if (response.values.empty() || !response.values.front().is("SEARCH")) return;
                     for (const auto& value : response.values) {
                         // "7:*" names the last message also when it lies before 7.
                         if (const auto uid = uid_of(value); uid && *uid >= from && (to == 0 || *uid <= to))
                             uids.push_back(*uid);
                     }
                 }));
    std::ranges::sort(uids);
    const auto repeated = std::ranges::unique(uids);
    uids.erase(repeated.begin(), repeated.end());
    return uids;
}

Result<void> Session::fetch(const std::string& set, std::string_view items, std::string_view modifier,
                            const std::function<void(Fetched)>& take) {
    const auto space = modifier.empty() ? "" : " ";
    return run(fmt::format("UID FETCH {} ({}){}{}", set, items, space, modifier), Fault::bad_input,
               [&](Response& response) {
                   if (auto one = fetched(response)) take(std::move(*one));
               });
}

Result<void> Session::idle_begin() {
    refused_ = false;
    idle_tag_ = fmt::format("t{}", ++commands_);
    CHECK_OK(wire_->send(idle_tag_ + " IDLE\r\n"));
    for (;;) {
        TRY(const auto response, next());
        if (response.kind == Response::Kind::go_on) return {};
        if (response.kind == Response::Kind::tagged) {
            return fail(Fault::transient, "the mail server refused IDLE");
        }
    }
}

Result<bool> Session::idle_poll(bool flags) {
    bool changed = false;
    for (;;) {
        TRY(const auto bytes, wire_->receive(Milliseconds{0}));
        if (!bytes.empty()) reader_.feed(bytes);
        for (;;) {
            TRY(const auto response, reader_.next());
            if (!response) break;
            if (response->status == Status::bye) return fail(Fault::transient, "imap: the server ended the connection");
            const auto& values = response->values;
            if (values.size() < 2) continue;
            if (values[1].is("EXISTS")) {
                const auto now = values[0].number().value_or(0);
                changed |= now > exists_;
                exists_ = now;
            } else if (values[1].is("EXPUNGE")) {
                exists_ -= exists_ > 0 ? 1 : 0;
            } else if (values[1].is("FETCH")) {
                changed |= flags;
            }
        }
        if (bytes.empty()) return changed;
    }
}

Result<void> Session::idle_end() {
    CHECK_OK(wire_->send("DONE\r\n"));
    return finish(idle_tag_, Fault::transient, [](Response&) {});
}

}  // namespace tributary::connectors::imap
