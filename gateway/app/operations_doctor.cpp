#include "gateway/app/doctor_snapshot.hpp"
#include "gateway/app/gateway.hpp"
#include "gateway/app/operations.hpp"
#include "gateway/run/executor.hpp"

namespace tributary::app {
namespace {

// The command adds what it sees of files and ports, and judges.
run::Task<Result<value::Document>> gather(Gateway& gateway, value::Node) {
    co_return co_await run::on(gateway.world().pool, [&] { return inner_snapshot(gateway); });
}

}  // namespace

std::vector<NamedOperation> doctor_operations() {
    return {{"doctor", access::Permission::status_read, gather}};
}

}  // namespace tributary::app
