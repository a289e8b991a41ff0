#include "connectors/data/singer/singer_source.hpp"

#include <fmt/format.h>

#include <boost/asio/this_coro.hpp>
#include <fstream>
#include <sstream>

#include "gateway/base/text.hpp"

namespace tributary::connectors::singer {

using namespace connector::singer;
using connector::Cursor;
using connector::Page;

namespace {

constexpr std::size_t kLargestCatalog = 64UL << 20;
// A slow tap's records are not held back for longer than this once the first of a page has come.
constexpr Milliseconds kLongestPage = std::chrono::seconds{20};

Result<std::string> contents(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    if (!in) return fail(Fault::bad_config, "this file cannot be read", path.string());
    return out.str();
}

}  // namespace

SingerSource::SingerSource(const SingerSettings& settings, const connector::Setup& setup)
    : settings_(settings), setup_(setup), parser_(value::JsonLimits{.bytes = settings.tap->program.max_line}) {}

run::Task<Result<void>> SingerSource::load_catalog() {
    const auto& tap = *settings_.tap;
    if (catalog_ || (tap.catalog.empty() && !tap.discover)) co_return Result<void>{};
    std::string text;
    if (!tap.catalog.empty()) {
        CO_TRY(text, contents(tap.catalog));
    } else {
        CO_TRY(auto config, config_of(tap, setup_.credential));
        // The catalog is printed over many lines, so it may be long as a whole.
        auto program = tap.program;
        program.max_line = kLargestCatalog;
        CO_TRY(auto run, ProgramRun::start(co_await boost::asio::this_coro::executor, program, {{"--config", config}},
                                           {"--discover"}, "tap --discover", setup_.timers));
        for (;;) {
            CO_TRY(const auto line, co_await run->next());
            if (!line) break;
            text += *line + '\n';
            if (text.size() > kLargestCatalog)
                co_return fail(Fault::bad_input, "its catalog is larger than 64 MB", "tap --discover");
        }
    }
    CO_TRY(auto catalog, Catalog::parse(text));
    catalog_.emplace(std::move(catalog));
    co_return Result<void>{};
}

run::Task<Result<void>> SingerSource::check() {
    catalog_.reset();
    CO_CHECK_OK(co_await load_catalog());
    if (!catalog_) co_return Result<void>{};
    for (const auto& [name, stream] : settings_.streams)
        if (auto selected = catalog_->selecting(stream.selection); !selected)
            co_return pass(std::move(selected), "stream " + name);
    co_return Result<void>{};
}

run::Task<Result<void>> SingerSource::begin(Session& session, const Stream& stream, const std::string& cursor) {
    session.run.reset();
    CO_TRY(session.cursor, SingerCursor::read(cursor));
    session.cursor.since = 0;  // a tap that starts anew is told the state, so what came behind it comes again
    CO_CHECK_OK(co_await load_catalog());
    CO_TRY(auto config, config_of(*settings_.tap, setup_.credential));
    std::vector<FileOption> files{{"--config", std::move(config)}};
    if (catalog_) {
        CO_TRY(auto selected, catalog_->selecting(stream.selection));
        files.push_back({settings_.tap->catalog_option, std::move(selected)});
    }
    if (!session.cursor.state.empty()) files.push_back({"--state", session.cursor.state});
    session.keys = stream.key;
    if (session.keys.empty() && catalog_) session.keys = catalog_->keys(stream.selection.stream);
    CO_TRY(session.run, ProgramRun::start(co_await boost::asio::this_coro::executor, settings_.tap->program, files, {},
                                          "tap", setup_.timers));
    co_return Result<void>{};
}

run::Task<Result<Page>> SingerSource::pull(std::string stream, Cursor cursor) {
    const auto found = settings_.streams.find(stream);
    if (found == settings_.streams.end())
        co_return fail(Fault::bad_config, fmt::format("there is no stream {} in settings.streams", stream));
    auto& session = sessions_[stream];
    if (!session.run || session.at != cursor.json) {
        if (auto begun = co_await begin(session, found->second, cursor.json); !begun)
            co_return pass(std::move(begun), "stream " + stream);
    }
    auto page = co_await read_page(session, stream, found->second);
    if (!page || page->last) session.run.reset();
    if (!page) co_return pass(std::move(page), "stream " + stream);
    session.at = page->cursor.json;
    co_return page;
}

run::Task<Result<Page>> SingerSource::read_page(Session& session, const std::string& name, const Stream& stream) {
    Page page;
    std::optional<SteadyTime> first;
    for (;;) {
        auto line = co_await session.run->next();
        if (!line) {
            log_end(name, session);
            co_return pass(std::move(line));
        }
        if (!*line) {
            log_end(name, session);
            page.last = true;
            break;
        }
        CO_TRY(const bool full, take(session, stream, **line, page));
        if (full) break;
        if (page.records.empty()) continue;
        const auto now = setup_.clock().steady();
        if (!first) first = now;
        if (now - *first > kLongestPage) break;
    }
    // The whole stream was read: the next run starts from the last state, or from the beginning without one.
    if (page.last) session.cursor.since = 0;
    page.cursor.json = session.cursor.write();
    co_return page;
}

Result<bool> SingerSource::take(Session& session, const Stream& stream, const std::string& line, Page& page) {
    auto message = parse_message(line, session.keys, parser_);
    if (!message && message.error().fault == Fault::bad_config) return pass(std::move(message));
    if (!message) {
        ++session.cursor.since;
        page.broken.push_back(
            {fmt::format("message {} behind the last state", session.cursor.since), line, std::move(message).error()});
        return page.broken.size() >= stream.page;
    }
    switch (message->kind) {
        case Message::Kind::schema:
            if (stream.key.empty() && message->stream == stream.selection.stream && !message->keys.empty())
                session.keys = message->keys;
            return false;
        case Message::Kind::state:
            session.cursor = {std::move(message->json), 0};
            // A state is the best place to end a page, once it is worth its commit.
            return page.records.size() >= (stream.page + 1) / 2;
        case Message::Kind::record:
            ++session.cursor.since;
            page.records.push_back({std::move(message->key), std::move(message->json), message->deleted});
            return page.records.size() >= stream.page;
        case Message::Kind::batch:
            return fail(Fault::bad_config,
                        "the tap wants to hand over files (BATCH), which is not supported: take batch_config out of "
                        "its config");
        case Message::Kind::activate_version:
        case Message::Kind::other:
            return false;
    }
    return false;
}

void SingerSource::log_end(const std::string& name, const Session& session) const {
    const auto& seen = session.run->errors_seen();
    setup_.log.info("tap ended", {{"connection", setup_.connection},
                                  {"stream", name},
                                  {"lines", seen.lines()},
                                  {"warnings", seen.warnings()},
                                  {"errors", seen.errors()},
                                  {"exception", seen.exception()}});
}

}  // namespace tributary::connectors::singer
