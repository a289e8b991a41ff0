#include "gateway/connector/declarative/rest_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "gateway/connector/declarative/read_all.hpp"
#include "gateway/value/json.hpp"

namespace tributary::connector {
namespace {

// Whether a page that could be asked for before is refused now because its token or link has run out.
bool token_expired(const StreamRule& stream, const Progress& progress, const Error& error) {
    const bool refused =
        error.fault == Fault::bad_input || error.fault == Fault::not_found || error.fault == Fault::conflict;
    if (stream.job && refused) return !progress.restarted;
    const bool token =
        std::holds_alternative<NextUrl>(stream.pages.style) || std::holds_alternative<PageToken>(stream.pages.style);
    return refused && token && progress.page && !progress.page->token.empty() && !progress.restarted;
}

// Reads again from the last finished cursor; an expired delta link means reading everything.
Page restarted(Progress progress, const Pager& pager) {
    if (progress.page->pages == 0) progress.delta.clear();
    progress.page = pager.first();
    if (!progress.delta.empty()) progress.page->token = progress.delta;
    progress.high.clear();
    progress.job.reset();
    progress.restarted = true;
    return Page{.cursor = {progress.write()}};
}

value::Document with_member(value::Node record, const std::string& name, const std::vector<value::Document>& rows,
                            bool single) {
    value::Builder out;
    out.begin_object();
    for (const auto member : record)
        if (member.key() != name) out.key(member.key()).copy(member);
    out.key(name);
    if (single) {
        rows.empty() ? out.null() : out.copy(rows.front().root());
    } else {
        out.begin_array();
        for (const auto& row : rows) out.copy(row.root());
        out.end();
    }
    out.end();
    return out.take();
}

value::Document with_texts(value::Node record, const std::vector<std::pair<std::string, std::string>>& texts) {
    value::Builder out;
    out.begin_object();
    const auto replaced = [&](std::string_view key) {
        return std::ranges::any_of(texts, [&](const auto& text) { return text.first == key; });
    };
    for (const auto member : record)
        if (!replaced(member.key())) out.key(member.key()).copy(member);
    for (const auto& [name, text] : texts) out.key(name).text(text);
    out.end();
    return out.take();
}

value::Document copy_of(const value::Document& document) {
    value::Builder out;
    out.copy(document.root());
    return out.take();
}

// Each value once: records may share one, as orders share a currency.
value::Document values_at(const std::vector<value::Document>& records, const std::string& path) {
    value::Builder out;
    std::set<std::string, std::less<>> seen;
    out.begin_array();
    for (const auto& record : records)
        if (const auto node = find_in(record.root(), path); node && seen.insert(node.scalar_text()).second)
            out.copy(node);
    out.end();
    return out.take();
}

// `size` elements of a list, from the one at `from` on.
value::Document part_of(value::Node list, std::size_t from, std::size_t size) {
    value::Builder out;
    out.begin_array();
    for (std::size_t i = from; i < std::min(list.size(), from + size); ++i) out.copy(list.at(i));
    out.end();
    return out.take();
}

}  // namespace

Result<std::string> RestSource::key_of(const KeyRule& key, value::Node record) const {
    Scope scope;
    scope.bind("record", record);
    auto text = key.text.render_required(scope);
    if (text && text->empty())
        return fail(Fault::bad_input, fmt::format("the record's key '{}' is empty", key.written));
    return text;
}

Result<Page> RestSource::page_of(const StreamRule& stream, const Records& records, std::string& high,
                                 std::vector<std::string>& keys) const {
    Page page;
    for (std::size_t i = 0; i < records.size(); ++i) {
        const auto root = records[i].root();
        const auto broken = [&](Error error) {
            page.broken.push_back(
                {fmt::format("record {} of the page", i + 1), value::to_json(root), std::move(error)});
        };
        auto key = key_of(stream.key, root);
        if (!key) {
            broken(std::move(key).error());
            continue;
        }
        keys.push_back(*key);
        if (stream.cursor) {
            TRY(const auto at, cursor_value(*stream.cursor, root));
            if (!at && stream.cursor->refuse_null) {
                broken({Fault::bad_input, fmt::format("the cursor field '{}' is null", stream.cursor->fields.front())});
                continue;
            }
            if (at && cursor_before(*stream.cursor, high, *at)) high = *at;
        }
        const bool deleted = !stream.deleted.empty() && std::ranges::all_of(stream.deleted, [&](const ValueTest& test) {
            return test.holds(root);
        });
        page.records.push_back({*std::move(key), value::to_json(root), deleted});
    }
    return page;
}

run::Task<Result<RestSource::Read>> RestSource::read_page(const StreamRule& stream, const Pager& pager,
                                                          const Progress& progress) {
    auto scope = exchange_.scope();
    value::Document parts, cursor, until;
    pager.bind(*progress.page, scope, parts);
    value::Document job;
    if (progress.job) {
        CO_TRY(job, value::parse_json(progress.job->saved));
        scope.bind("job", job.root());
    }
    Exchange::Options options{.rules = &stream.errors, .resend_safe = true};
    // A delta link holds the filters already; so does a next URL.
    const bool linked = std::holds_alternative<NextUrl>(stream.pages.style) && !progress.page->token.empty();
    if (stream.cursor && !linked && !stream.job) {
        CO_TRY(cursor, cursor_parameter(*stream.cursor, progress));
        if (!cursor.empty()) scope.bind("cursor", cursor.root());
        until = until_parameter(*stream.cursor, progress);
        if (!until.empty()) scope.bind("until", until.root());
    }
    options.shape = [&](Draft& draft) {
        if (!until.empty() && !stream.cursor->until_parameter.empty())
            draft.set_query(stream.cursor->until_parameter, until.root().scalar_text());
        if (stream.cursor && !stream.cursor->parameter.empty() && !cursor.empty())
            draft.set_query(stream.cursor->parameter, cursor.root().scalar_text());
        pager.apply(*progress.page, draft);
    };
    auto answer = co_await exchange_.call(stream.request, std::move(scope), options);
    if (!answer) co_return fail(std::move(answer.error().error));
    auto records = stream.records.read(*answer);
    if (!records && excused(*answer, exchange_.rules(options))) records = Records{};
    if (!records) co_return pass(std::move(records));
    co_return Read{*std::move(answer), *std::move(records)};
}

// The rows of each record, in the order of the records.
run::Task<Result<std::vector<RestSource::Records>>> RestSource::rows_for(const Include& include,
                                                                         const Records& records) {
    std::vector<Records> out(records.size());
    auto scope = exchange_.scope();
    if (include.each) {
        for (std::size_t i = 0; i < records.size(); ++i) {
            scope.bind("record", records[i].root());
            CO_TRY(out[i], co_await read_all(exchange_, include.rows, scope, &include.errors));
        }
        co_return out;
    }
    const auto keys = values_at(records, include.parent);
    const auto size = include.size > 0 ? static_cast<std::size_t>(include.size) : keys.root().size();
    if (keys.root().size() == 0) co_return out;
    Records rows;
    for (std::size_t from = 0; from < keys.root().size(); from += size) {
        const auto some = part_of(keys.root(), from, size);
        scope.bind("keys", some.root());
        CO_TRY(auto found, co_await read_all(exchange_, include.rows, scope, &include.errors));
        std::ranges::move(found, std::back_inserter(rows));
    }
    std::multimap<std::string, std::size_t, std::less<>> owners;
    for (std::size_t i = 0; i < records.size(); ++i)
        owners.emplace(find_in(records[i].root(), include.parent).scalar_text(), i);
    for (const auto& row : rows) {
        auto [owner, end] = owners.equal_range(find_in(row.root(), include.child).scalar_text());
        for (; owner != end; ++owner) out[owner->second].push_back(copy_of(row));
    }
    co_return out;
}

run::Task<Result<RestSource::Records>> RestSource::include_all(const StreamRule& stream, Records records) {
    for (const auto& include : stream.include) {
        if (records.empty()) break;
        auto rows = co_await rows_for(include, records);
        if (!rows) co_return pass(std::move(rows), include.into);
        for (std::size_t i = 0; i < records.size(); ++i)
            records[i] = with_member(records[i].root(), include.into, (*rows)[i], include.single);
    }
    if (stream.add.empty()) co_return records;
    auto scope = exchange_.scope();
    for (auto& record : records) {
        scope.bind("record", record.root());
        auto added = fill(stream.add, scope, Place::text);
        if (!added) co_return pass(std::move(added), "add");
        record = with_texts(record.root(), *added);
    }
    co_return records;
}

run::Task<Result<Page>> RestSource::pull(std::string name, Cursor cursor) {
    const auto* stream = definition_.stream(name);
    if (!stream) co_return fail(Fault::bad_config, fmt::format("there is no stream '{}'", name));
    CO_TRY(auto progress, Progress::read(cursor.json));
    const Pager pager(stream->pages);
    const bool begins = !progress.page;
    if (begins) begin(progress, stream->cursor ? &*stream->cursor : nullptr, pager, exchange_.now());
    if (stream->job && (!progress.job || !progress.job->ready)) {
        auto step = co_await advance_job(*stream, std::move(progress));
        co_return step ? std::move(step) : pass(std::move(step), name);
    }
    auto read = co_await read_page(*stream, pager, progress);
    if (!read) {
        if (token_expired(*stream, progress, read.error())) {
            exchange_.setup().log.warn("read_restarted",
                                       {{"connection", exchange_.setup().connection}, {"stream", name}});
            co_return restarted(progress, pager);
        }
        co_return pass(std::move(read), name);
    }
    // The source's clock counts when it is behind ours: what changes there after this moment is read next time.
    if (begins) progress.started = std::min(*progress.started, net::server_now(read->answer.headers, exchange_.now()));
    PageFacts facts{read->answer, {}, {}};
    for (const auto& record : read->records) facts.records.push_back(record.root());
    std::string high;
    std::vector<std::string> keys;
    auto included = co_await include_all(*stream, read->records);
    if (!included) co_return pass(std::move(included), name);
    auto page = page_of(*stream, *included, high, keys);
    if (!page) co_return pass(std::move(page), name);
    facts.print = fingerprint(keys);
    auto turn = pager.after(*progress.page, facts, progress.restarted);
    if (!turn) co_return pass(std::move(turn), name);
    if (stream->cursor && turn->kind == Turn::Kind::next && reaches_back(*stream->cursor, progress.since, high))
        turn = Turn{};
    if (turn->incomplete)
        exchange_.setup().log.warn("read_incomplete", {{"connection", exchange_.setup().connection},
                                                       {"stream", name},
                                                       {"counted", turn->state.total.value_or(0)}});
    const auto before = progress;
    auto advanced = advance(progress, stream->cursor ? &*stream->cursor : nullptr, *turn, high, pager);
    if (!advanced) co_return pass(std::move(advanced), name);
    page->cursor.json = progress.write();
    page->last = !progress.page;
    if (page->last) co_await remove_job(*stream, before);
    if (turn->state.total && *turn->state.total >= 0) page->total = static_cast<std::uint64_t>(*turn->state.total);
    co_return page;
}

run::Task<Result<SourceRecord>> RestSource::fetch(std::string name, std::string external_id) {
    const auto* stream = definition_.stream(name);
    if (!stream || !stream->fetch)
        co_return fail(Fault::bad_config, fmt::format("stream '{}' cannot read one record by its id", name));
    auto scope = exchange_.scope();
    scope.bind("id", external_id);
    auto rules = stream->fetch->errors;
    std::ranges::copy(stream->errors, std::back_inserter(rules));
    auto answer =
        co_await exchange_.call(stream->fetch->request, std::move(scope), {.rules = &rules, .resend_safe = true});
    if (!answer) co_return fail(std::move(answer.error().error).in(name));
    auto records = stream->fetch->records.read(*answer);
    if (!records) co_return pass(std::move(records), name);
    if (records->empty()) co_return fail(Fault::not_found, "the record is gone", name);
    records->resize(1);
    auto included = co_await include_all(*stream, *std::move(records));
    if (!included) co_return pass(std::move(included), name);
    std::string high;
    std::vector<std::string> keys;
    auto page = page_of(*stream, *included, high, keys);
    if (!page) co_return pass(std::move(page), name);
    if (page->records.empty()) co_return fail(page->broken.front().error);
    co_return page->records.front();
}

}  // namespace tributary::connector
