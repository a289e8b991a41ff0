#include "gateway/flow/browser_signal.hpp"

#include "gateway/base/text.hpp"
#include "gateway/consent/gpp.hpp"
#include "gateway/record/timestamp.hpp"

namespace tributary::flow {
namespace {

constexpr std::string_view kHeader = "Sec-GPC";
constexpr std::string_view kKept = "Sec-GPC: 1";

}  // namespace

std::string headers_to_keep(const Connection& connection, const connector::InboundRequest& request) {
    if (!connection.from_browser) return {};
    const auto* signal = request.header(kHeader);
    return signal && trim(*signal) == "1" ? std::string(kKept) : std::string();  // no other value is a signal
}

bool says_gpc(std::string_view kept) {
    return kept == kKept;
}

Result<std::vector<PreparedConsent>> gpc_acts(World& world, const Connection& connection, const Uid& contact,
                                              const Uid& subject, Timestamp at) {
    std::vector<PreparedConsent> acts;
    for (const auto& purpose : world.purposes.all()) {
        if (!consent::GppOptOuts{.gpc = true}.end(purpose)) continue;
        value::Builder said;
        said.begin_object().key("channel").text("any").key("purpose").text(purpose.key);
        said.key("event_type").text("signal_gpc").key("event_state").text("refused").key("origin").text("subject");
        said.key("event_time").text(record::timestamp_text(at)).key("capture").begin_object();
        said.key("source_system").text(connection.name).key("method").text("browser").end().end();
        const auto document = said.take();
        TRY(auto act, prepare_consent(world, document.root(), contact, subject, world.clock.now()));
        acts.push_back(std::move(act));
    }
    return acts;
}

}  // namespace tributary::flow
