// What is asked of a plug-in and what it answers, as JSON texts (plugins/sdk/README.md describes them). Pure.
#pragma once

#include <expected>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/connector/connector.hpp"

namespace tributary::connector::native {

struct Failure {
    Error error;
    bool ambiguous = false;  // the call may have had its effect
};
template <class T>
using Answer = std::expected<T, Failure>;

// `credentials`: the fields that the connector.yaml declares, and no others.
std::string open_request(std::string_view connection, value::Node settings,
                         const std::vector<std::pair<std::string, std::string>>& credentials);
std::string pull_request(std::string_view stream, const Cursor& cursor);
std::string fetch_request(std::string_view stream, std::string_view id);
std::string push_request(std::string_view action, const std::vector<Push>& items);
std::string look_up_request(std::string_view action, const Push& item);

// The object that was answered, or the error in it. internal: it is no such answer; what it holds is never shown.
Answer<value::Document> read_answer(std::string_view json);

struct Abilities {
    std::vector<std::string> streams;
    struct Action {
        Idempotency idempotency = Idempotency::none;
        std::size_t batch = 1;
    };
    std::map<std::string, Action, std::less<>> actions;
};
Result<Abilities> abilities_of(value::Node answer);
Result<Page> page_of(value::Node answer);
Result<SourceRecord> record_of(value::Node record);
Result<Receipt> receipt_of(value::Node receipt);
// One for each of `count` items, in order; internal when there are more or fewer.
Result<std::vector<Sink::Outcome>> outcomes_of(value::Node answer, std::size_t count);

}  // namespace tributary::connector::native
