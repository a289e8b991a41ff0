#include "gateway/connector/declarative/cursor.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gateway/base/duration.hpp"
#include "gateway/net/http_date.hpp"
#include "gateway/spec/object.hpp"
#include "gateway/spec/settled.hpp"
#include "gateway/value/json.hpp"
#include "gateway/value/number.hpp"

namespace tributary::connector {

std::string Progress::write() const {
    value::Builder out;
    out.begin_object();
    if (!since.empty()) out.key("since").text(since);
    if (!delta.empty()) out.key("delta").text(delta);
    if (page) {
        if (!high.empty()) out.key("high").text(high);
        if (!until.empty()) out.key("until").text(until);
        if (started) out.key("started").text(to_rfc3339(*started));
        if (restarted) out.key("restarted").boolean(true);
        if (narrowed) out.key("narrowed").boolean(true);
        out.key("page");
        page->write(out);
        if (job) {
            out.key("job");
            job->write(out);
        }
    }
    out.end();
    return value::to_json(out.take().root());
}

Result<Progress> Progress::read(std::string_view json) {
    Progress out;
    if (json.empty()) return out;
    auto document = value::parse_json(json);
    if (!document || !document->root().is(value::Kind::object))
        return fail(Fault::bad_input, "the saved cursor is not one of this connector");
    const auto root = document->root();
    out.since = root.find("since").text();
    out.high = root.find("high").text();
    out.until = root.find("until").text();
    out.delta = root.find("delta").text();
    out.restarted = root.find("restarted").boolean();
    out.narrowed = root.find("narrowed").boolean();
    if (const auto started = root.find("started")) out.started = net::parse_rfc3339(started.text());
    if (const auto page = root.find("page")) out.page = PageState::read(page);
    out.job = JobState::read(root.find("job"));
    return out;
}

Result<std::optional<std::string>> cursor_value(const CursorRule& rule, value::Node record) {
    value::Node node;
    for (const auto& field : rule.fields)
        if ((node = find_in(record, field))) break;
    if (!node) return std::nullopt;
    const auto& form = rule.read ? *rule.read : rule.form;
    const auto wrong = [&](std::string_view expected) {
        return fail(Fault::bad_config,
                    fmt::format("the cursor field '{}' of a record is not {}", rule.fields.front(), expected));
    };
    if (form.is_time()) {
        const auto at = form.read(node);
        if (!at)
            return wrong(form.kind == TimeForm::Kind::pattern ? "of the form " + form.pattern
                                                              : "a time of the declared form");
        return to_rfc3339(*at);
    }
    auto text = node.scalar_text();
    if (text.empty()) return std::nullopt;
    if (form.kind == TimeForm::Kind::integer && (!value::is_json_number(text) || !value::exact_integer(text)))
        return wrong("a whole number");
    return text;
}

bool cursor_before(const CursorRule& rule, const std::string& a, const std::string& b) {
    if (a.empty() || b.empty()) return a.empty() && !b.empty();
    if (rule.form.kind == TimeForm::Kind::integer) return *value::exact_integer(a) < *value::exact_integer(b);
    return a < b;  // the canonical form of times sorts as text
}

namespace {

// From which cursor on this read asks. The start is where the operator wants to begin: nothing before it is asked for.
std::string asked_from(const CursorRule& rule, const Progress& progress) {
    if (progress.since.empty()) return rule.start;
    const auto at = rule.form.is_time() && !progress.narrowed ? net::parse_rfc3339(progress.since) : std::nullopt;
    return at ? to_rfc3339(*at - rule.lookback) : progress.since;
}

}  // namespace

Result<value::Document> cursor_parameter(const CursorRule& rule, const Progress& progress) {
    const auto from = asked_from(rule, progress);
    if (from.empty()) return value::Document{};
    if (rule.form.is_time()) {
        const auto at = net::parse_rfc3339(from);
        if (!at) return fail(Fault::bad_input, "the saved cursor is not a time");
        return rule.form.write(*at);
    }
    value::Builder out;
    if (rule.form.kind == TimeForm::Kind::integer)
        out.number(from);
    else
        out.text(from);
    return out.take();
}

bool reaches_back(const CursorRule& rule, const std::string& since, const std::string& page_high) {
    if (!rule.newest_first || since.empty() || page_high.empty()) return false;
    const auto at = rule.form.is_time() ? net::parse_rfc3339(since) : std::nullopt;
    return cursor_before(rule, page_high, at ? to_rfc3339(*at - rule.lookback) : since);
}

value::Document until_parameter(const CursorRule& rule, const Progress& progress) {
    const auto at = net::parse_rfc3339(progress.until);
    return at && rule.window ? rule.form.write(*at) : value::Document{};
}

namespace {

// Where the window that begins at `from` ends; never after the read began.
std::string window_end(const CursorRule& rule, const std::string& from, Timestamp started) {
    const auto at = net::parse_rfc3339(from);
    return to_rfc3339(at ? std::min(*at + *rule.window, started) : started);
}

// "-90d"; nullopt: something else.
std::optional<Milliseconds> ago(std::string_view text) {
    if (!text.starts_with('-')) return std::nullopt;
    const auto span = parse_duration(text.substr(1));
    return span ? std::optional(*span) : std::nullopt;
}

}  // namespace

void begin(Progress& progress, const CursorRule* rule, const Pager& pager, Timestamp now) {
    if (rule && rule->form.is_time() && progress.since.empty())
        if (const auto span = ago(rule->start)) progress.since = to_rfc3339(now - *span);
    progress.page = pager.first();
    if (!progress.delta.empty()) progress.page->token = progress.delta;
    progress.high.clear();
    progress.narrowed = false;
    progress.started = now;
    if (rule && rule->window)
        progress.until = window_end(*rule, progress.since.empty() ? rule->start : progress.since, now);
}

namespace {

void finish(Progress& progress, const CursorRule* rule, const Turn& turn) {
    if (turn.delta) progress.delta = *turn.delta;
    // What was not all there is asked for again.
    if (rule && !turn.incomplete) {
        const auto started = progress.started ? to_rfc3339(*progress.started) : std::string();
        auto reached = rule->window ? progress.until : rule->by_clock ? started : progress.high;
        if (rule->form.is_time() && !started.empty()) reached = std::min(reached, started);
        if (cursor_before(*rule, progress.since, reached)) progress.since = reached;
    }
    progress.page.reset();
    progress.started.reset();
    progress.until.clear();
    progress.job.reset();
    progress.high.clear();
    progress.restarted = false;
    progress.narrowed = false;
}

}  // namespace

Result<void> advance(Progress& progress, const CursorRule* rule, const Turn& turn, const std::string& page_high,
                     const Pager& pager) {
    if (rule && cursor_before(*rule, progress.high, page_high)) progress.high = page_high;
    switch (turn.kind) {
        case Turn::Kind::next:
            progress.page = turn.state;
            return {};
        case Turn::Kind::again:
            progress.page = pager.first();
            progress.restarted = true;
            return {};
        case Turn::Kind::last:
            if (rule && rule->window && !turn.incomplete && progress.started &&
                progress.until < to_rfc3339(*progress.started)) {
                progress.since = progress.until;
                progress.until = window_end(*rule, progress.since, *progress.started);
                progress.page = pager.first();
                progress.high.clear();
                progress.restarted = false;
                progress.narrowed = false;
                return {};
            }
            finish(progress, rule, turn);
            return {};
        case Turn::Kind::narrow:
            if (!rule || !cursor_before(*rule, asked_from(*rule, progress), progress.high))
                return fail(Fault::bad_config,
                            "the source shows no more records than its cap, and the cursor cannot narrow the "
                            "read: more records than that share one cursor value");
            progress.since = progress.high;
            progress.narrowed = true;
            progress.page = pager.first();
            return {};
    }
    return {};
}

const spec::Type<CursorRule>& describe(spec::Tag<CursorRule>) {
    static const auto offset = spec::from_text<Milliseconds>(
        {.name = "utc offset", .expected = "an offset from UTC such as +08:00"},
        [](std::string_view text) -> Result<Milliseconds> {
            const auto at = net::parse_rfc3339("1970-01-02T00:00:00" + std::string(text));
            if (!at) return fail(Fault::bad_config, "not an offset from UTC; write it as +08:00");
            return Milliseconds(std::chrono::hours(24)) - at->time_since_epoch();
        });
    struct Written : CursorRule {
        Milliseconds offset{0};
        std::string on_null, advance;
    };
    const auto word = [](std::string name, std::vector<spec::Shape::Choice> choices) {
        const auto which = spec::one_of(std::move(name), std::move(choices));
        return spec::Type<std::string>(
            which.shape_pointer(), [which](const spec::Yaml& yaml, spec::Problems& problems) {
                return which.parse(yaml, problems) ? std::optional(yaml.text()) : std::nullopt;
            });
    };
    static const auto written =
        spec::Object<Written>("cursor", "how a stream knows what changed since the last run")
            .field("field", &Written::fields, spec::one_or_many(spec::text()),
                   {.summary = "path in the record; of several the first that is not null"})
            .field("parameter", &Written::parameter,
                   {.summary = "query parameter; without it {cursor} stands in the request", .required = false})
            .field("format", &Written::form, {.summary = "how the request writes it", .fallback = "rfc3339"})
            .field("read", &Written::read, {.summary = "how records write it, when that differs"})
            .field("lookback", &Written::lookback, {.summary = "ask again for this much of the past", .fallback = "0s"})
            .field(
                "start", &Written::start,
                {.summary = "the first cursor, or how long ago, such as -90d; without it the first read asks for all",
                 .required = false})
            .field("utc_offset", &Written::offset, offset,
                   {.summary = "of the source's wall clock, for patterns", .required = false})
            .field("window", &Written::window,
                   {.summary = "the source answers for a bounded span: read one such window after the other"})
            .field("until_parameter", &Written::until_parameter,
                   {.summary = "query parameter for the window's end; without it {until} stands in the request",
                    .required = false})
            .field("on_null", &Written::on_null,
                   word("on_null", {{"deliver", "the record moves nothing"}, {"refuse", "the record is quarantined"}}),
                   {.summary = "a record without a value", .fallback = "deliver"})
            .field(
                "advance", &Written::advance,
                word("advance", {{"records", "to the highest value read"}, {"clock", "to the moment the read began"}}),
                {.summary = "how far a finished read moves the cursor", .fallback = "records"})
            .field("newest_first", &Written::newest_first,
                   {.summary = "the source shows the newest first: a page that is all older ends the read",
                    .required = false})
            .check([](const Written& rule, const spec::Yaml& yaml, spec::Problems& problems) {
                if (rule.advance == "clock" && !rule.form.is_time())
                    problems.add(yaml.place(), "advance: clock needs a time format");
                if (rule.window &&
                    (!rule.form.is_time() || rule.start.empty() || *rule.window < std::chrono::minutes(1)))
                    problems.add(yaml.place(), "window needs a time format, a start, and at least 1m");
                if (!rule.start.empty() && rule.form.is_time() && !net::parse_rfc3339(rule.start) && !ago(rule.start))
                    problems.add(yaml.place(), "start must be RFC 3339, such as 2020-01-01T00:00:00Z, or -90d");
            })
            .type();
    static const auto type = spec::settled<CursorRule>(written, [](auto& rule, const spec::Yaml&) {
        rule.form.offset = rule.offset;
        if (rule.read) rule.read->offset = rule.offset;
        rule.refuse_null = rule.on_null == "refuse";
        rule.by_clock = rule.advance == "clock";
    });
    return type;
}

}  // namespace tributary::connector
