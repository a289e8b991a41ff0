// Runs tests/cases/mapping/*.case. A case file has sections that begin with a line "=== kind rest":
//   mapping            the YAML of a mapping; everything after it uses it
//   problems           the file does not compile: its problems, "line:column: message" each, file and path left out
//   input [sentence]   a source record as JSON; what must become of it follows
//   record ENTITY [KEY]  the next record, as JSON, compared whole; a tombstone begins with ENTITY deleted
//   issues             "level code target source" each, - for an empty one; left out: none
//   skipped
#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "gateway/base/text.hpp"
#include "gateway/mapping/compile.hpp"
#include "gateway/record/load_model.hpp"
#include "gateway/value/json.hpp"

using namespace tributary;

namespace {

struct Section {
    std::string kind, rest, body;
};

std::vector<Section> read_sections(const std::filesystem::path& path) {
    std::ifstream in(path);
    std::vector<Section> sections;
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("=== ")) {
            const auto head = line.substr(4);
            const auto space = head.find(' ');
            sections.push_back({head.substr(0, space), space == std::string::npos ? "" : head.substr(space + 1), ""});
        } else if (!sections.empty()) {
            sections.back().body += line + "\n";
        }
    }
    return sections;
}

// Compact and sorted by nothing: the order of fields is part of what is compared.
std::string canonical(std::string_view json) {
    auto document = value::parse_json(json);
    if (!document) FAIL("the case is not JSON: " << document.error().text() << "\n" << json);
    return value::to_json(document->root());
}

std::string issue_line(const mapping::Issue& issue) {
    const auto dash = [](const std::string& text) { return text.empty() ? std::string("-") : text; };
    return std::string(name_of(issue.level)) + " " + issue.code + " " + dash(issue.target) + " " + dash(issue.source);
}

std::string problem_lines(const spec::Problems& problems) {
    std::string out;
    for (const auto& problem : problems.sorted())
        out += std::to_string(problem.place.mark.line) + ":" + std::to_string(problem.place.mark.column) + ": " +
               problem.message + "\n";
    return out;
}

struct Runner {
    const record::Model& model;
    const mapping::Lookups& lookups;
    std::shared_ptr<const mapping::Plan> plan = {};
    mapping::Scratch scratch = {};
    mapping::Mapped mapped = {};
    std::size_t next_record = 0;
    bool has_input = false, expects_issues = false;

    // Everything that came out must have been expected.
    void finish_input() {
        if (!has_input) return;
        if (!expects_issues)
            for (const auto& issue : mapped.issues)
                FAIL_CHECK("unexpected issue: " << issue_line(issue) << " " << issue.text());
        CHECK(next_record == mapped.records.size());
        has_input = false;
    }

    void compile(const std::string& yaml, const Section* problems_expected) {
        spec::Problems problems;
        plan = mapping::compile_text(yaml, "case", model, lookups, problems);
        CHECK(problem_lines(problems) == (problems_expected ? problems_expected->body : ""));
        CHECK((plan == nullptr) == (problems_expected != nullptr));
    }

    void input(const Section& section) {
        finish_input();
        REQUIRE(plan);
        auto document = value::parse_json(section.body);
        if (!document) FAIL("the input is not JSON: " << document.error().text());
        mapped = plan->run(document->root(), scratch);
        next_record = 0;
        has_input = true;
        expects_issues = false;
    }

    void record(const Section& section) {
        REQUIRE(next_record < mapped.records.size());
        const auto& found = mapped.records[next_record++];
        auto head = found.entity;
        if (!found.key.empty()) head += " " + found.key;
        if (found.deleted) head += " deleted";
        CHECK(head == section.rest);
        CHECK(value::to_json(found.document.root()) == canonical(section.body));
    }

    void issues(const Section& section) {
        std::string found;
        for (const auto& issue : mapped.issues) found += issue_line(issue) + "\n";
        CHECK(found == section.body);
        expects_issues = true;
        if (!mapped.accepted()) next_record = mapped.records.size();  // never passed on, so not compared
    }
};

}  // namespace

TEST_CASE("every mapping case gives what it says", "[mapping]") {
    const std::filesystem::path root = TRIBUTARY_SOURCE_DIR;
    spec::Problems problems;
    const auto model = record::load_model((root / "mappings/canonical").string(),
                                          (root / "tests/cases/mapping/custom.yaml").string(), problems);
    const auto lookups = mapping::load_lookups((root / "tests/cases/mapping/lookups").string(), problems);
    INFO(problems.text());
    REQUIRE(model);
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(root / "tests/cases/mapping"))
        if (entry.path().extension() == ".case") files.push_back(entry.path());
    std::ranges::sort(files);
    REQUIRE(files.size() >= 8);
    for (const auto& file : files) {
        Runner runner{*model, lookups};
        const auto sections = read_sections(file);
        for (std::size_t i = 0; i < sections.size(); ++i) {
            const auto& section = sections[i];
            INFO(file.filename().string() << ": " << section.kind << " " << section.rest);
            const bool fails = i + 1 < sections.size() && sections[i + 1].kind == "problems";
            if (section.kind == "mapping")
                runner.finish_input(), runner.compile(section.body, fails ? &sections[i + 1] : nullptr);
            else if (section.kind == "input")
                runner.input(section);
            else if (section.kind == "record")
                runner.record(section);
            else if (section.kind == "issues")
                runner.issues(section);
            else if (section.kind == "skipped")
                CHECK(runner.mapped.skipped);
            else if (section.kind != "problems")
                FAIL("unknown section");
        }
        INFO(file.filename().string() << ": end");
        runner.finish_input();
    }
}
