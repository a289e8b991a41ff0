#include "gateway/connector/connector.hpp"

#include "gateway/net/http.hpp"

namespace tributary::connector {

run::Task<Result<SourceRecord>> Source::fetch(std::string stream, std::string) {
    co_return fail(Fault::bad_config, "stream '" + stream + "' cannot read one record by its id");
}

run::Task<Result<bool>> Source::wait(std::string stream, Cursor, SteadyTime, std::stop_token) {
    co_return fail(Fault::bad_config, "stream '" + stream + "' cannot tell when it has something new");
}

std::vector<Sink::Outcome> all_failed(std::size_t count, const Error& error, bool ambiguous) {
    return std::vector<Sink::Outcome>(count, Sink::Outcome{fail(error), ambiguous});
}

const std::string* InboundRequest::header(std::string_view name) const {
    return net::find_header(headers, name);
}

}  // namespace tributary::connector
