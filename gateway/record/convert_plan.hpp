// What a Converter knows after compile(), and the functions for its types. Internal to record.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gateway/base/text.hpp"
#include "gateway/record/convert.hpp"
#include "gateway/record/phone.hpp"
#include "gateway/record/timestamp.hpp"

namespace tributary::record {

// trim(), without the call for texts that need none.
inline std::string_view trimmed(std::string_view text) {
    const auto visible = [](char c) { return static_cast<unsigned char>(c) > ' '; };
    return !text.empty() && visible(text.front()) && visible(text.back()) ? text : trim(text);
}

struct ConvertPlan {
    const Field* field = nullptr;
    Options options;
    bool widened = false;  // `as` was declared
    std::optional<TimestampFormat> time;
    std::optional<PhoneReader> phones;
};

// One conversion that is under way.
struct ConvertJob {
    const ConvertPlan& plan;
    const Context& context;
    value::Builder& out;
    Issue& issue;
    bool members = false;  // money, phone, email: the caller has begun the object

    const Options& options() const { return plan.options; }
    Conversion invalid(std::string_view code) const { return note(code, Conversion::invalid); }
    Conversion flagged(std::string_view code) const { return note(code, Conversion::flagged); }
    Conversion written(std::string_view text) const {
        out.text(text);
        return Conversion::written;
    }
    void begin() const {
        if (!members) out.begin_object();
    }
    void end() const {
        if (!members) out.end();
    }

  private:
    Conversion note(std::string_view code, Conversion result) const;
};

// REQUIRES for all: `in` holds a value that is not declared empty.
Conversion convert_text(const ConvertJob& job, value::Node in);
Conversion convert_map(const ConvertJob& job, value::Node in);
Conversion convert_reference(const ConvertJob& job, value::Node in);
Conversion convert_boolean(const ConvertJob& job, value::Node in);
Conversion convert_integer(const ConvertJob& job, value::Node in);
Conversion convert_decimal(const ConvertJob& job, value::Node in);
Conversion convert_money(const ConvertJob& job, value::Node in);
Conversion convert_timestamp(const ConvertJob& job, value::Node in);
Conversion convert_date(const ConvertJob& job, value::Node in);
Conversion convert_partial_date(const ConvertJob& job, value::Node in);
Conversion convert_phone(const ConvertJob& job, value::Node in);
Conversion convert_email(const ConvertJob& job, value::Node in);
// country, currency, lang, tz, uid, url, enum, gtin, resident_id, uscc
Conversion convert_code(const ConvertJob& job, value::Node in);

}  // namespace tributary::record
