// Runs tests/cases/record/*.txt through Converter. A line is:   JSON input | options | expected
//   options    key=value, separated by ';'; bare words are true: region=DE; strict. ctx.currency and ctx.region are the
//   record's expected   JSON, or `absent`, or `!code` for invalid, or `~code JSON` for flagged
// A line `@ type=enum values=a,b max=10 target=contact` describes the field for the lines below it; # starts a comment.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "gateway/base/text.hpp"
#include "gateway/record/convert.hpp"
#include "gateway/value/json.hpp"

using namespace tributary;
using namespace tributary::record;

namespace {

Field read_field(std::string_view line) {
    Field field;
    field.name = field.path = "field";
    for (const auto word : split(line, ' ')) {
        const auto equals = word.find('=');
        if (equals == std::string_view::npos) continue;
        const auto key = word.substr(0, equals), value = word.substr(equals + 1);
        if (key == "type")
            field.type = type_named(value).value();
        else if (key == "max")
            field.max_length = static_cast<std::size_t>(to_integer(value).value());
        else if (key == "target")
            field.target = value;
        else if (key == "values")
            for (const auto each : split(value, ',')) field.values.emplace_back(each);
        else
            FAIL("unknown word in " << line);
    }
    return field;
}

struct Setting {
    Options options;
    std::string currency, region;
};

void set(Setting& setting, std::string_view key, std::string value) {
    auto& o = setting.options;
    if (key == "as")
        o.as = value;
    else if (key == "format")
        o.format = value;
    else if (key == "zone")
        o.zone = value;
    else if (key == "currency")
        o.currency = value;
    else if (key == "minor")
        o.minor = true;
    else if (key == "rounding")
        o.rounding = value == "half_even" ? Rounding::half_even
                     : value == "half_up" ? Rounding::half_up
                                          : Rounding::down;
    else if (key == "decimal_mark")
        o.decimal_mark = value.at(0);
    else if (key == "region")
        o.region = value;
    else if (key == "label")
        o.label = value;
    else if (key == "strict")
        o.strict = true;
    else if (key == "truncate")
        o.truncate = true;
    else if (key == "false_is_empty")
        o.false_is_empty = true;
    else if (key == "empty")
        o.empty.push_back(value);
    else if (key == "ctx.currency")
        setting.currency = value;
    else if (key == "ctx.region")
        setting.region = value;
    else
        FAIL("unknown option " << key);
}

Setting read_setting(std::string_view text) {
    Setting setting;
    for (const auto part : split(text, ';')) {
        const auto word = trim(part);
        if (word.empty()) continue;
        const auto equals = word.find('=');
        set(setting, word.substr(0, equals),
            equals == std::string_view::npos ? "" : std::string(word.substr(equals + 1)));
    }
    return setting;
}

std::string convert(const Field& field, const Setting& setting, std::string_view json) {
    auto in = value::parse_json(json);
    if (!in) return "the input is not JSON: " + in.error().what;
    auto converter = Converter::compile(field, setting.options);
    if (!converter) return "!bad_config";
    value::Builder out;
    Issue issue;
    const auto result = converter->convert(in->root(), out, issue, {setting.currency, setting.region});
    if (result == Conversion::absent) return out.complete() ? "absent, but something was written" : "absent";
    if (result == Conversion::invalid) return out.complete() ? "invalid, but something was written" : "!" + issue.code;
    REQUIRE(out.complete());
    const auto text = value::to_json(out.take().root());
    return result == Conversion::flagged ? "~" + issue.code + " " + text : text;
}

void run(const std::filesystem::path& file) {
    std::ifstream stream(file);
    std::string line;
    Field field;
    field.type = type_named(file.stem().string()).value_or(Type::text);
    field.name = field.path = "field";
    for (int number = 1; std::getline(stream, line); ++number) {
        if (line.empty() || line.starts_with('#')) continue;
        if (line.starts_with('@')) {
            field = read_field(line);
            continue;
        }
        const auto parts = [&] {
            const auto last = line.rfind(" |"), first = line.rfind(" |", last - 1);
            return std::array{line.substr(0, first), line.substr(first + 2, last - first - 2), line.substr(last + 2)};
        }();
        INFO(file.filename().string() << ":" << number << ": " << line);
        CHECK(convert(field, read_setting(parts[1]), trim(parts[0])) == trim(parts[2]));
    }
}

}  // namespace

TEST_CASE("values of every type are converted as the case files say", "[record]") {
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(TRIBUTARY_SOURCE_DIR "/tests/cases/record")) {
        if (entry.path().extension() != ".txt") continue;
        run(entry.path());
        ++files;
    }
    CHECK(files >= 20);
}
