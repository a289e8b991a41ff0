// read_all: every record of a read rule, page after page.
#pragma once

#include "gateway/connector/declarative/exchange.hpp"
#include "gateway/connector/declarative/records.hpp"

namespace tributary::connector {

// `rules` are asked before the connector's own; nullptr: there are none. Everything stays in memory: for what is small.
run::Task<Result<std::vector<value::Document>>> read_all(Exchange& exchange, const ReadRule& read, Scope scope,
                                                         const std::vector<ErrorRule>* rules);

}  // namespace tributary::connector
