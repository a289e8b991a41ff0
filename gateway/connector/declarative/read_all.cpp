#include "gateway/connector/declarative/read_all.hpp"

#include <algorithm>

#include "gateway/value/json.hpp"

namespace tributary::connector {

run::Task<Result<std::vector<value::Document>>> read_all(Exchange& exchange, const ReadRule& read, Scope scope,
                                                         const std::vector<ErrorRule>* rules) {
    std::vector<value::Document> all;
    const Pager pager(read.pages);
    std::optional<PageState> state = pager.first();
    while (state) {
        value::Document parts;
        pager.bind(*state, scope, parts);
        Exchange::Options options{.rules = rules, .resend_safe = true};
        options.shape = [&](Draft& draft) { pager.apply(*state, draft); };
        auto answer = co_await exchange.call(read.request, scope, options);
        if (!answer) co_return fail(std::move(answer.error().error));
        auto rows = read.records.read(*answer);
        if (!rows && excused(*answer, exchange.rules(options))) rows = std::vector<value::Document>{};
        if (!rows) co_return pass(std::move(rows));
        PageFacts facts{*answer, {}, {}};
        std::vector<std::string> prints;
        for (const auto& row : *rows) facts.records.push_back(row.root()), prints.push_back(value::to_json(row.root()));
        facts.print = fingerprint(prints);
        auto turn = pager.after(*state, facts);
        if (!turn) co_return pass(std::move(turn));
        state = turn->kind == Turn::Kind::next ? std::optional(turn->state) : std::nullopt;
        std::ranges::move(*rows, std::back_inserter(all));
    }
    co_return all;
}

}  // namespace tributary::connector
