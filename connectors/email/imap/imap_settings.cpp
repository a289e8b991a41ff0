#include "connectors/email/imap/imap_settings.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "connectors/email/mail_login.hpp"
#include "connectors/settings.hpp"
#include "gateway/base/text.hpp"

namespace tributary::connectors::imap {

namespace {

bool has_control(std::string_view text) {
    return std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

// "2024-02-05" as IMAP writes it.
std::string search_date(Settings& settings, const std::string& text) {
    constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    if (text.empty()) return {};
    const auto parts = split(text, '-');
    if (parts.size() == 3 && parts[0].size() == 4 && parts[1].size() == 2 && parts[2].size() == 2) {
        const auto year = to_integer(parts[0]), month = to_integer(parts[1]), day = to_integer(parts[2]);
        if (year && month && day) {
            const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                                   std::chrono::month(static_cast<unsigned>(*month)),
                                                   std::chrono::day(static_cast<unsigned>(*day))};
            if (date.ok()) return fmt::format("{}-{}-{:04}", *day, kMonths[*month - 1], *year);
        }
    }
    settings.problem("since must be a date such as 2024-02-05");
    return {};
}

Stream read_stream(Settings& settings) {
    Stream stream;
    stream.folder = settings.text("folder", "INBOX");
    if (stream.folder.empty() || has_control(stream.folder)) settings.problem("folder must be the name of a folder");
    const auto take = settings.word("take", {"messages", "senders", "bounces", "complaints"});
    stream.take = take == "senders"      ? Stream::Take::senders
                  : take == "bounces"    ? Stream::Take::bounces
                  : take == "complaints" ? Stream::Take::complaints
                                         : Stream::Take::messages;
    stream.outbound = settings.word("direction", {"inbound", "outbound"}) == "outbound";
    stream.flags = settings.boolean("flags", false);
    stream.since = search_date(settings, settings.text("since", ""));
    stream.page = static_cast<std::size_t>(settings.integer("page", 50, 1, 1000));
    const auto most = settings.bytes("max_message", 10 << 20);
    if (most < 4096 || most > (256 << 20)) settings.problem("max_message must lie between 4KB and 256MB");
    stream.max_message = static_cast<std::size_t>(std::clamp<std::int64_t>(most, 4096, 256 << 20));
    return stream;
}

Server read_server(Settings& settings, const std::filesystem::path& directory) {
    using enum Server::Security;
    Server server;
    server.host = settings.text("host");
    if (server.host.find_first_of("/:@ ") != std::string::npos)
        settings.problem("host must be a name or an IPv4 address");
    const auto security = settings.word("security", {"tls", "starttls", "none"});
    server.security = security == "starttls" ? starttls : security == "none" ? none : tls;
    server.port = static_cast<int>(settings.integer("port", server.security == tls ? 993 : 143, 1, 65535));
    server.ca_file = settings.text("ca_file", "");
    if (!server.ca_file.empty()) server.ca_file = (directory / server.ca_file).string();
    if (const auto timeout = settings.milliseconds("timeout")) server.timeout = Milliseconds(*timeout);
    return server;
}

}  // namespace

Result<ImapSettings> read_imap_settings(value::Node node, const std::filesystem::path& directory) {
    Settings settings(node, "settings");
    ImapSettings out;
    settings.leave(email::kLoginSettings);
    out.server = read_server(settings, directory);
    out.idle = settings.boolean("idle", true);
    out.charset = settings.text("charset", "windows-1252");
    for (const auto& domain : settings.list("own_domains")) out.own_domains.push_back(lower_ascii(domain));
    settings.each("streams", [&](const std::string& name, Settings& inner) { out.streams[name] = read_stream(inner); });
    if (out.streams.empty()) settings.problem("streams is missing: which folders are read");
    CHECK_OK(settings.finish());
    return out;
}

}  // namespace tributary::connectors::imap
