#include "gateway/connector/declarative/signature_values.hpp"

#include <algorithm>
#include <array>

#include "gateway/base/text.hpp"
#include "gateway/connector/credential_values.hpp"
#include "gateway/value/form.hpp"
#include "gateway/value/json.hpp"
#include "gateway/value/multipart.hpp"
#include "gateway/value/xml.hpp"

namespace tributary::connector {
namespace {

using Text = Result<std::optional<std::string>>;

// The first of the values that a form gives a name; never a whole list.
Text first_value(const value::Document& form, std::string_view name) {
    auto node = form.root().find(name);
    if (node.is(value::Kind::array)) node = node.at(0);
    if (!node) return std::nullopt;
    return node.scalar_text();
}

Text scalar_at(const value::Document& document, std::string_view path) {
    auto node = path.empty() ? document.root() : document.root().at_path(path);
    if (!node || node.is(value::Kind::object) || node.is(value::Kind::array)) return std::nullopt;
    return node.scalar_text();
}

// Whatever keeps a stranger's body from being read is the stranger's fault. A template that names a part of such a body
// finds nothing there, as in any body without that part.
template <class Parse>
Result<const value::Document*> once(std::optional<Result<value::Document>>& kept, Parse parse) {
    if (!kept) kept.emplace(parse());
    if (!*kept) return fail(Fault::bad_input, kept->error().what);
    return &**kept;
}

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const auto code = c == '%' ? "%25" : c == '&' ? "%26" : c == '=' ? "%3D" : c == ' ' ? "%20" : "";
        *code ? out.append(code) : out.append(1, c);
    }
    return out;
}

}  // namespace

Names signature_names(std::set<std::string, std::less<>> credentials) {
    Names names;
    for (auto root : {"body", "method", "url", "decoded_url", "path", "query", "header", "json", "form", "xml",
                      "sorted_form", "signed_query", "joined_query", "plain", "timestamp", "key", "item"})
        names.any(root);
    if (credentials.empty())
        names.any("credentials");
    else
        names.only("credentials", std::move(credentials));
    return names;
}

SignatureValues::SignatureValues(const InboundRequest& request, SecretReader secrets)
    : request_(request), reader_(std::move(secrets)) {
    auto whole = [](const std::string& text) { return [&text](std::string_view) -> Text { return text; }; };
    scope_.bind("body", whole(request_.body)).bind("method", whole(request_.method)).bind("url", whole(request_.url));
    scope_.bind("decoded_url", [this](std::string_view) -> Text { return decode_listed_escapes(request_.url); });
    scope_.bind("path",
                [this](std::string_view) -> Text { return request_.target.substr(0, request_.target.find('?')); });
    scope_.bind("query", [this](std::string_view name) { return query(name); });
    scope_.bind("signed_query", [this](std::string_view name) { return query_without(name, false); });
    scope_.bind("joined_query", [this](std::string_view name) { return query_without(name, true); });
    scope_.bind("header", [this](std::string_view name) { return header(name); });
    scope_.bind("credentials", [this](std::string_view field) { return credential(field); });
    scope_.bind("sorted_form", [this](std::string_view) { return sorted_form(); });
    scope_.bind("plain", [this](std::string_view rest) { return plain(rest); });
    scope_.bind("json", [this](std::string_view path) -> Text {
        auto document = json();
        return document ? scalar_at(**document, path) : std::nullopt;
    });
    scope_.bind("xml", [this](std::string_view path) -> Text {
        auto document = xml();
        return document ? scalar_at(**document, path) : std::nullopt;
    });
    scope_.bind("form", [this](std::string_view name) -> Text {
        auto document = form();
        return document ? first_value(**document, name) : std::nullopt;
    });
}

SignatureValues::~SignatureValues() {
    for (auto& [field, secrets] : secrets_)
        for (auto& secret : secrets) crypto::wipe({reinterpret_cast<std::uint8_t*>(secret.data()), secret.size()});
}

std::size_t SignatureValues::secrets_seen() const {
    std::size_t most = 0;
    for (const auto& [field, secrets] : secrets_) most = std::max(most, secrets.size());
    return most;
}

Result<Keyring::Keys> SignatureValues::keys(const KeyPlace& place, std::string_view id, JwtAlgorithm algorithm) const {
    if (!keys_) return fail(Fault::transient, std::string(kKeysUnavailable));
    return keys_(place, id, algorithm);
}

Result<const value::Document*> SignatureValues::query_fields() {
    return once(query_, [this] {
        const auto& from = request_.url.empty() ? request_.target : request_.url;
        auto mark = from.find('?');
        auto text = mark == std::string::npos ? std::string_view() : std::string_view(from).substr(mark + 1);
        return value::parse_form(text.substr(0, text.find('#')), 256);
    });
}

Text SignatureValues::query(std::string_view name) {
    TRY(const auto* document, query_fields());
    return first_value(*document, name);
}

// Which one of two would be signed, and which one read? Shopify's own validator refuses these too.
Text SignatureValues::query_without(std::string_view name, bool joined) {
    static constexpr std::array<std::string_view, 4> kOnce{"shop", "timestamp", "hmac", "signature"};
    TRY(const auto* document, query_fields());
    std::vector<std::string> pairs;
    for (const auto field : document->root()) {
        const bool several = field.is(value::Kind::array);
        if (several && (!joined || std::ranges::count(kOnce, field.key()))) return std::nullopt;
        if (field.key() == name) continue;
        std::vector<std::string> values;
        if (several)
            for (const auto item : field) values.push_back(item.scalar_text());
        else
            values.push_back(field.scalar_text());
        const auto text = join(values, ",");
        pairs.push_back(joined ? std::string(field.key()) + "=" + text : escaped(field.key()) + "=" + escaped(text));
    }
    std::ranges::sort(pairs);
    return join(pairs, joined ? "" : "&");
}

Text SignatureValues::header(std::string_view name) const {
    const auto* found = request_.header(name);
    return found ? std::optional(*found) : std::nullopt;
}

Text SignatureValues::credential(std::string_view field) {
    auto known = secrets_.find(field);
    if (known == secrets_.end()) {
        if (!reader_)
            return fail(Fault::bad_config, "the connection has no credentials; give it a secret with this field",
                        "credentials." + std::string(field));
        TRY(auto secret, reader_(field));
        auto all = values_of_credential(secret.reveal());
        auto where = "credentials." + std::string(field);
        if (all.empty())
            return fail(Fault::bad_config, "the secret is empty; set the one that the platform signs with", where);
        if (all.size() > kMostCredentialValues)
            return fail(Fault::bad_config, "at most 10 secrets are tried, one a line", where);
        known = secrets_.emplace(field, std::move(all)).first;
    }
    return known->second[std::min(secret_, known->second.size() - 1)];
}

Result<const value::Document*> SignatureValues::json() {
    return once(json_, [this] { return value::parse_json(request_.body); });
}
Result<const value::Document*> SignatureValues::xml() {
    return once(xml_, [this] { return value::parse_xml(request_.body); });
}
Result<const value::Document*> SignatureValues::form() {
    return once(form_, [this]() -> Result<value::Document> {
        const auto* type = request_.header("content-type");
        if (type && lower_ascii(*type).starts_with("multipart/form-data")) return value::parse_multipart(request_.body);
        if (!type || !lower_ascii(*type).starts_with("application/x-www-form-urlencoded"))
            return fail(Fault::bad_input, "the body is not form-encoded");
        return value::parse_form(request_.body);
    });
}

Text SignatureValues::sorted_form() {
    // A GET has no form: its parameters are in the URL already.
    if (request_.body.empty()) return std::string();
    TRY(const auto* document, form());
    std::vector<std::pair<std::string_view, std::string>> pairs;
    for (auto field : document->root()) {
        if (!field.is(value::Kind::array))
            pairs.emplace_back(field.key(), field.scalar_text());
        else
            for (auto item : field) pairs.emplace_back(field.key(), item.scalar_text());
    }
    std::ranges::sort(pairs);
    pairs.erase(std::ranges::unique(pairs).begin(), pairs.end());
    std::string joined;
    for (const auto& [name, text] : pairs) joined.append(name).append(text);
    return joined;
}

Text SignatureValues::plain(std::string_view rest) {
    if (!opener_) return std::nullopt;
    if (!plain_) plain_.emplace(opener_());
    if (!*plain_ || !**plain_ || rest.empty()) return *plain_;
    const auto dot = std::min(rest.find('.'), rest.size());
    const auto kind = rest.substr(0, dot), path = rest.substr(std::min(dot + 1, rest.size()));
    const auto& text = ***plain_;
    Result<const value::Document*> document = fail(Fault::bad_input, "");
    if (kind == "json") document = once(plain_json_, [&] { return value::parse_json(text); });
    if (kind == "xml") document = once(plain_xml_, [&] { return value::parse_xml(text); });
    return document ? scalar_at(**document, path) : std::nullopt;
}

std::string decode_listed_escapes(std::string_view url) {
    struct Escape {
        std::string_view code;
        char plain;
    };
    static constexpr std::array kListed{Escape{"3A", ':'}, Escape{"2F", '/'}, Escape{"3F", '?'},  Escape{"40", '@'},
                                        Escape{"21", '!'}, Escape{"24", '$'}, Escape{"27", '\''}, Escape{"28", '('},
                                        Escape{"29", ')'}, Escape{"2A", '*'}, Escape{"2C", ','},  Escape{"3B", ';'}};
    std::string out;
    for (std::size_t i = 0; i < url.size(); ++i) {
        const auto* found = kListed.end();
        if (url[i] == '%')
            found = std::ranges::find_if(
                kListed, [&](const Escape& escape) { return equal_ignoring_case(url.substr(i + 1, 2), escape.code); });
        if (found == kListed.end()) {
            out.push_back(url[i]);
        } else {
            out.push_back(found->plain);
            i += 2;
        }
    }
    return out;
}

}  // namespace tributary::connector
