// The scalar types: text with rules, booleans, integers with a range, durations, sizes, names from a table, secrets.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/base/result.hpp"
#include "gateway/spec/reference.hpp"
#include "gateway/spec/type.hpp"

namespace tributary::spec {

// A rule for a text. Higher rooms plug in their own: cron expressions, time zones, mapping names.
struct TextRule {
    std::string name = "text";  // "cron", "url": the type column of the reference
    std::string expected;       // "a five-field cron expression such as */15 * * * *"
    std::string pattern;        // ECMA-262 for editors; `holds` is what decides
    std::string format;         // JSON Schema's name, when it has one
    std::function<bool(std::string_view)> holds;
};

// Any scalar that is not null, as written; unquoted numbers and booleans count as text.
Type<std::string> text();
Type<std::string> text(TextRule rule);
// Lower-case words: [a-z][a-z0-9]* joined by single _ or -.
TextRule name_rule();
// [a-z0-9_-./] words, such as shopify/order.out or orders/create.
TextRule path_name_rule();
// An absolute http or https URL without user, password and fragment.
TextRule url_rule();
// host:port, [v6]:port or :port.
TextRule address_rule();

Type<bool> boolean();
Type<double> number();
Type<Milliseconds> duration(Milliseconds at_least = Milliseconds{0}, Milliseconds at_most = Milliseconds::max());
Type<std::uint64_t> size(std::uint64_t at_least = 0, std::uint64_t at_most = std::numeric_limits<std::uint64_t>::max());
// Free-form YAML, kept with its marks.
Type<Yaml> anything();

// A text that may hold references; resolve it with spec::Template::resolve when it is needed.
Type<Template> reference_text();
// As reference_text, but a literal is refused: nobody commits a password.
Type<Template> secret();

// The core of every integer type.
Type<std::int64_t> whole_number(std::int64_t at_least, std::int64_t at_most);

template <class I>
Type<I> integer(I at_least = std::numeric_limits<I>::min(), I at_most = std::numeric_limits<I>::max()) {
    constexpr auto limit = std::numeric_limits<std::int64_t>::max();
    auto most = std::cmp_greater(at_most, limit) ? limit : static_cast<std::int64_t>(at_most);
    auto whole = whole_number(static_cast<std::int64_t>(at_least), most);
    return Type<I>(whole.shape_pointer(), [whole](const Yaml& yaml, Problems& problems) -> std::optional<I> {
        auto value = whole.parse(yaml, problems);
        if (!value) return std::nullopt;
        return static_cast<I>(*value);
    });
}

// A T written as a text that follows its own grammar ("2/s"). `read` says what is wrong in its error's `what`; the text
// is quoted in the problem unless it came from the environment.
template <class T>
Type<T> from_text(TextRule rule, std::function<Result<T>(std::string_view)> read) {
    auto base = text(std::move(rule));
    return Type<T>(base.shape_pointer(), [base, read](const Yaml& yaml, Problems& problems) -> std::optional<T> {
        auto written = base.parse(yaml, problems);
        if (!written) return std::nullopt;
        auto value = read(*written);
        if (value) return std::move(*value);
        problems.add(yaml.place(),
                     yaml.resolved() ? "the value of this environment variable does not fit" : value.error().what);
        return std::nullopt;
    });
}

// The index of the choice that is written, with the nearest name in the problem.
Type<std::size_t> one_of(std::string name, std::vector<Shape::Choice> choices);

template <class E>
struct Choice {
    std::string name;
    E value;
    std::string summary = {};
};

// An enum by its table of names.
template <class E>
Type<E> choice(std::string name, std::initializer_list<Choice<E>> table) {
    std::vector<Shape::Choice> names;
    std::vector<E> values;
    for (const auto& entry : table) {
        names.push_back({entry.name, entry.summary});
        values.push_back(entry.value);
    }
    auto index = one_of(std::move(name), std::move(names));
    return Type<E>(index.shape_pointer(), [index, values](const Yaml& yaml, Problems& problems) -> std::optional<E> {
        auto which = index.parse(yaml, problems);
        if (!which) return std::nullopt;
        return values[*which];
    });
}

}  // namespace tributary::spec
