#include "gateway/connector/declarative/pages.hpp"

#include "gateway/spec/alternatives.hpp"

namespace tributary::connector {
namespace {

template <class Style>
struct Written : PageLimits, Style {
    operator Pages() const { return {static_cast<const PageLimits&>(*this), static_cast<const Style&>(*this)}; }
};

template <class Style>
spec::Object<Written<Style>> pages(std::string name, std::string summary) {
    using W = Written<Style>;
    spec::Object<W> object("pages_" + std::move(name), std::move(summary));
    object
        .field("size", &W::size, spec::integer<std::int64_t>(1, 1'000'000),
               {.summary = "records in a full page, {page.size}"})
        .field("total", &W::total, {.summary = "the source's count of all records"})
        .field("more", &W::more, {.summary = "there is another page exactly when this holds"})
        .field("until_short", &W::until_short,
               {.summary = "a page with fewer records than size is the last", .required = false})
        .field("until_empty", &W::until_empty,
               {.summary = "an empty page is the last, whatever it names", .required = false})
        .field("result_cap", &W::result_cap, spec::integer<std::int64_t>(1),
               {.summary = "the source shows no more records than this: go on with a narrower cursor"})
        .field("complete", &W::complete,
               {.summary = "read once more when fewer records came than total says", .required = false})
        .check([](const W& written, const spec::Yaml& yaml, spec::Problems& problems) {
            if ((written.until_short || written.result_cap) && !written.size)
                problems.add(yaml.place(), "until_short and result_cap need size");
            if (written.complete && !written.total) problems.add(yaml.place(), "complete needs total");
        });
    return object;
}

template <class W>
spec::Object<W>& parameters(spec::Object<W>& object, const std::string& name) {
    return object
        .field("parameter", &W::parameter,
               {.summary = "query parameter; without it {page." + name + "} stands in the request", .required = false})
        .field("size_parameter", &W::size_parameter, {.summary = "query parameter for size", .required = false});
}

spec::Object<Written<NextUrl>> url_pages(const std::string& name, const std::string& summary) {
    auto object = pages<NextUrl>(name, summary);
    if (name == "link_header")
        object.field("relation", &Written<NextUrl>::relation,
                     {.summary = "the rel of the Link header", .fallback = "next"});
    else
        object.field("at", &Written<NextUrl>::at, {.summary = "where the next URL stands"});
    object.field("delta", &Written<NextUrl>::delta, {.summary = "where the last page's link for the next run stands"});
    return object;
}

}  // namespace

const spec::Type<Pages>& describe(spec::Tag<Pages>) {
    static const auto type = [] {
        auto number = pages<PageNumber>("number", "page=1, 2, 3");
        parameters(number, "number")
            .field("first", &PageNumber::first, {.summary = "number of the first page", .fallback = "1"})
            .field("total_pages", &PageNumber::total_pages, {.summary = "how many pages there are"});
        auto offset = pages<PageOffset>("offset", "offset=0, 100, 200");
        parameters(offset, "offset")
            .field("first", &PageOffset::first, {.summary = "offset of the first record", .fallback = "0"})
            .field("next", &PageOffset::next, {.summary = "where the source says the next page starts"});
        auto token = pages<PageToken>("token", "an opaque token out of each answer");
        parameters(token, "token")
            .field("at", &PageToken::at, {.summary = "where the token stands"})
            .field("ends", &PageToken::ends, {.summary = "tokens that mean no more", .fallback = "['', 'null']"});
        auto keyset = pages<Keyset>("keyset", "the last record's key goes into the next request");
        parameters(keyset, "after")
            .field("field", &Keyset::field, {.summary = "path in the record"})
            .field("start", &Keyset::start, {.summary = "for the first page", .required = false})
            .field("highest", &Keyset::highest,
                   {.summary = "the page's greatest number instead of its last", .required = false})
            .field("add", &Keyset::add, {.summary = "added to the number", .required = false});
        return spec::Alternatives<Pages>("pages", "how a source splits its answers")
            .alternative("none", pages<SinglePage>("none", "one answer holds everything"))
            .alternative("link_header", url_pages("link_header", "RFC 8288 Link header, followed as it is"))
            .alternative("next_url", url_pages("next_url", "a URL in the body, absolute or relative"))
            .alternative("number", std::move(number))
            .alternative("offset", std::move(offset))
            .alternative("token", std::move(token))
            .alternative("keyset", std::move(keyset))
            .type();
    }();
    return type;
}

}  // namespace tributary::connector
