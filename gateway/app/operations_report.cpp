#include "gateway/app/arguments.hpp"
#include "gateway/app/gateway.hpp"
#include "gateway/app/operations.hpp"
#include "gateway/app/report_figures.hpp"
#include "gateway/flow/audit_entry.hpp"
#include "gateway/run/executor.hpp"

namespace tributary::app {
namespace {

// report: review or quality. The page and the figures that it shows.
run::Task<Result<value::Document>> make_page(Gateway& gateway, const access::Caller& caller, value::Node arguments) {
    CO_TRY(const auto name, needed_text(arguments, "report"));
    if (name != "review" && name != "quality")
        co_return fail(Fault::bad_input, "there are the reports review and quality", "argument report");
    const auto kind = name == "review" ? ReportKind::review : ReportKind::quality;
    co_return co_await run::on(gateway.world().pool, [&]() -> Result<value::Document> {
        TRY(const auto report, make_report(gateway, kind));
        const auto entry = flow::audit_entry(gateway.world().clock, caller, "report.write", {{"report", name}});
        CHECK_OK(flow::write_entry(gateway.world().store, entry));
        value::Builder out;
        out.begin_object().key("summary").text(report.summary).key("html").text(report.html).end();
        return out.take();
    });
}

}  // namespace

std::vector<NamedOperation> report_operations() {
    using api::field::text;
    return {{"report",
             access::Permission::report_read,
             make_page,
             {text("report").needed()},
             {text("summary"), text("html")}}};
}

}  // namespace tributary::app
