#include "gateway/audit/export_form.hpp"

#include <catch2/catch.hpp>

using namespace tributary;
using namespace tributary::audit;

TEST_CASE("an entry is written for people and for a SIEM, and breaks out of neither", "[audit][req16]") {
    Entry entry{7,
                R"({"v":1,"ts":"2026-01-05T10:00:00.000Z","actor":{"type":"user","id":"=cmd|x"},)"
                R"("action":"queue.drop","details":{"why":"a=b\nnext"}})",
                {},
                {}};
    CHECK(export_header(ExportForm::csv) == "seq,ts,actor_type,actor,action,details\r\n");
    const auto row = export_entry(ExportForm::csv, entry).value();
    CHECK(row.starts_with("7,2026-01-05T10:00:00.000Z,user,'=cmd|x,queue.drop,"));
    CHECK(row.ends_with("\r\n"));
    CHECK(export_entry(ExportForm::cef, entry).value() ==
          "CEF:0|Tributary|gateway|1|queue.drop|queue.drop|3|externalId=7 rt=2026-01-05T10:00:00.000Z "
          "suser=\\=cmd|x suid=user msg={\"why\":\"a\\=b\\\\nnext\"}\n");
    CHECK(export_entry(ExportForm::ndjson, entry).value() == entry.line() + "\n");
    CHECK(export_form_named("csv").value() == ExportForm::csv);
    CHECK(export_form_named("pdf").error().what.contains("ndjson, csv, cef"));
    entry.bytes = "torn";
    CHECK(export_entry(ExportForm::csv, entry).error().fault == Fault::bad_input);
    CHECK(export_entry(ExportForm::ndjson, entry));
}
