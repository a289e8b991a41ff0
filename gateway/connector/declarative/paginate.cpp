#include "gateway/connector/declarative/paginate.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gateway/base/hex.hpp"
#include "gateway/base/text.hpp"
#include "gateway/connector/declarative/link_header.hpp"
#include "gateway/connector/declarative/url.hpp"
#include "gateway/crypto/digest.hpp"
#include "gateway/value/number.hpp"

namespace tributary::connector {
namespace {

constexpr std::int64_t kMostEmptyPages = 1000;

template <class... F>
struct Cases : F... {
    using F::operator()...;
};

Result<std::string> keyset_token(const Keyset& keyset, const std::vector<value::Node>& records) {
    std::string last = find_in(records.back(), keyset.field).scalar_text();
    if (last.empty())
        return fail(Fault::bad_config, fmt::format("the last record has no '{}' to go on from", keyset.field));
    if (!keyset.highest && keyset.add == 0) return last;
    std::int64_t highest = 0;
    for (const auto record : records) {
        const auto text = find_in(record, keyset.field).scalar_text();
        const auto number = value::is_json_number(text) ? value::exact_integer(text) : std::nullopt;
        if (!number)
            return fail(Fault::bad_config, fmt::format("'{}' is not a whole number in every record", keyset.field));
        highest = keyset.highest ? std::max(highest, *number) : *number;
    }
    std::int64_t next = 0;
    if (__builtin_add_overflow(highest, keyset.add, &next))
        return fail(Fault::bad_config, fmt::format("'{}' leaves no number to go on from", keyset.field));
    return std::to_string(next);
}

// A link of the answer, absolute or relative to what was asked.
Result<std::string> followed(const Answer& answer, const std::string& reference) {
    TRY(const auto base, parse_url(answer.url));
    TRY(const auto url, resolve(base, reference));
    return url.text();
}

}  // namespace

std::string fingerprint(const std::vector<std::string>& keys) {
    if (keys.empty()) return {};
    return to_hex(crypto::sha256(join(keys, "\n")).view().substr(0, 8));
}

PageState Pager::first() const {
    PageState state;
    std::visit(Cases{[&](const PageNumber& style) { state.position = style.first; },
                     [&](const PageOffset& style) { state.position = style.first; },
                     [&](const Keyset& style) { state.token = style.start; }, [](const auto&) {}},
               pages_.style);
    return state;
}

std::optional<std::int64_t> Pager::count(const std::optional<Where>& where, const Answer& answer) const {
    if (!where) return std::nullopt;
    const auto text = where->read(answer);
    if (!text || !value::is_json_number(*text)) return std::nullopt;
    const auto number = value::exact_integer(*text);
    // Nobody has more records than that: such a count says nothing.
    constexpr std::int64_t kMost = 1'000'000'000'000'000;
    return number && *number >= 0 && *number <= kMost ? number : std::nullopt;
}

Result<std::optional<PageState>> Pager::successor(const PageState& state, const PageFacts& facts) const {
    const auto read = static_cast<std::int64_t>(facts.records.size());
    const auto total = count(pages_.total, facts.answer);
    // Records that went away while we read moved the rest forward: this page began that much too late. Read it again
    // from as much further ahead, or those in between would be skipped.
    const auto gone = total && state.total ? std::max<std::int64_t>(0, *state.total - *total) : 0;
    PageState next = state;
    next.records = state.records + read;  // without those that are read again
    using Answered = Result<std::optional<PageState>>;
    return std::visit(
        Cases{
            [&](const SinglePage&) -> Answered { return std::nullopt; },
            [&](const NextUrl& style) -> Answered {
                const auto* link = facts.answer.header("Link");
                const auto reference = style.at.body.empty() && style.at.header.empty()
                                           ? (link ? link_with(*link, style.relation) : std::nullopt)
                                           : style.at.read(facts.answer);
                if (!reference || reference->empty()) return std::nullopt;
                TRY(next.token, followed(facts.answer, *reference));
                return next;
            },
            [&](const PageNumber& style) -> Answered {
                const auto size = std::max<std::int64_t>(1, pages_.size.value_or(read));
                next.position =
                    gone == 0 ? state.position + 1 : std::max(style.first, state.position - (gone + size - 1) / size);
                next.records = gone == 0 ? state.records + read : (next.position - style.first) * size;
                const auto most = count(style.total_pages, facts.answer);
                if (most && next.position - style.first >= *most) return std::nullopt;
                if (!most && total && !pages_.more && (next.position - style.first) * size >= *total)
                    return std::nullopt;
                if (!most && read == 0 && gone == 0 && !pages_.more) return std::nullopt;
                return next;
            },
            [&](const PageOffset& style) -> Answered {
                if (style.next) {
                    const auto told = count(style.next, facts.answer);
                    if (!told) return std::nullopt;
                    next.position = *told;
                    return next;
                }
                next.position = gone == 0 ? state.position + read : std::max(style.first, state.position - gone);
                next.records = next.position - style.first;
                if (total && !pages_.more && next.records >= *total) return std::nullopt;
                if (read == 0 && gone == 0 && !pages_.more) return std::nullopt;
                return next;
            },
            [&](const PageToken& style) -> Answered {
                auto token = style.at.read(facts.answer);
                if (!token || std::ranges::count(style.ends, *token)) return std::nullopt;
                next.token = *std::move(token);
                return next;
            },
            [&](const Keyset& style) -> Answered {
                if (facts.records.empty()) return std::nullopt;
                TRY(next.token, keyset_token(style, facts.records));
                return next;
            },
        },
        pages_.style);
}

Result<void> Pager::no_circle(const PageState& before, PageState& next) const {
    const bool by_position =
        std::holds_alternative<PageNumber>(pages_.style) || std::holds_alternative<PageOffset>(pages_.style);
    const bool same = next.position == before.position && next.token == before.token && next.total == before.total;
    if (same || (!by_position && next.token == next.mark))
        return fail(Fault::bad_config,
                    fmt::format("the source leads back to a page that was read already (after {} pages); its "
                                "`pages` are described wrongly or it ignores the page parameter",
                                next.pages));
    if (!by_position && ++next.steps == next.power) next.mark = next.token, next.power *= 2, next.steps = 0;
    if (next.empty > kMostEmptyPages)
        return fail(Fault::bad_config, fmt::format("{} pages in a row held no record", next.empty));
    return {};
}

Result<Turn> Pager::after(const PageState& state, const PageFacts& facts, bool restarted) const {
    const auto read = static_cast<std::int64_t>(facts.records.size());
    const auto total = count(pages_.total, facts.answer);
    if (!facts.print.empty() && facts.print == state.print && (!total || total == state.total))
        return fail(Fault::bad_config,
                    fmt::format("page {} holds the same records as the page before; its `pages` are described "
                                "wrongly or the source ignores the page parameter",
                                state.pages + 1));
    TRY(auto next, successor(state, facts));
    if (pages_.more && !pages_.more->holds(facts.answer)) next.reset();
    if (pages_.until_short && read < *pages_.size) next.reset();
    if (pages_.until_empty && read == 0) next.reset();
    Turn turn;
    turn.state.total = total;
    if (!next) {
        const bool missing = pages_.complete && total && state.records + read < *total;
        if (missing && !restarted) return Turn{.kind = Turn::Kind::again, .state = first()};
        turn.incomplete = missing;
        if (const auto* style = std::get_if<NextUrl>(&pages_.style); style && style->delta) {
            if (const auto link = style->delta->read(facts.answer)) {
                TRY(turn.delta, followed(facts.answer, *link));
            }
        }
        return turn;
    }
    next->pages = state.pages + 1;
    next->total = total;
    next->print = facts.print;
    next->empty = read == 0 ? state.empty + 1 : 0;
    CHECK_OK(no_circle(state, *next));
    const bool capped = pages_.result_cap && next->records + *pages_.size > *pages_.result_cap;
    turn.kind = capped ? Turn::Kind::narrow : Turn::Kind::next;
    turn.state = *std::move(next);
    return turn;
}

}  // namespace tributary::connector
