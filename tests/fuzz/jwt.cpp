// Tokens of strangers: whatever the bytes are, nothing is accepted that the issuer's key did not sign, and nothing
// crashes. Input: what stands behind "Bearer "; a token that is genuine but for its claims is among the seeds.
#include <cstdlib>

#include "gateway/connector/declarative/jwt.hpp"
#include "gateway/connector/declarative/verify.hpp"
#include "gateway/spec/load.hpp"
#include "gateway/value/json.hpp"

using namespace tributary;
using namespace tributary::connector;

namespace {

constexpr std::string_view kShapes = R"([
  { type: jwt, issuer: "https://accounts.google.com", audience: "{url}", claims: { email: a@example.com } },
  { type: jwt, algorithms: es256, issuer: a, audience: [b, "{url}"], leeway: 100d } ])";

// RFC 7515 appendix A.2 and A.3.
constexpr std::string_view kKeys = R"({"keys":[
  {"kty":"RSA","kid":"r","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"},
  {"kty":"EC","kid":"e","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]})";

Keyring::Keys keys() {
    const auto document = value::parse_json(kKeys);
    auto read = document ? SenderKeys::read(document->root()) : fail(Fault::internal, "");
    if (!read || !read->find("r", JwtAlgorithm::rs256) || !read->find("e", JwtAlgorithm::es256)) std::abort();
    return std::make_shared<const SenderKeys>(*std::move(read));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto known = keys();
    static const auto shapes = [] {
        spec::Problems problems;
        auto loaded = spec::load_text<std::vector<Verify>>(kShapes, "shapes", problems);
        if (!loaded || !problems.ok()) std::abort();
        return *std::move(loaded);
    }();
    const std::string text(reinterpret_cast<const char*>(data), size);
    if (const auto token = Jwt::read(text)) {
        if (token->algorithm.empty() || !token->claims.root().is(value::Kind::object)) std::abort();
        if (!text.starts_with(token->signed_part) || text[token->signed_part.size()] != '.') std::abort();
    }
    if (const auto claims = jwt_claims(text))
        for (const auto* name : {"exp", "nbf", "iat"}) (void)jwt_moment(claims->root(), name);
    const InboundRequest request{"POST", "https://h.example/in", "/in", {{"Authorization", "Bearer " + text}}, ""};
    for (const auto& shape : shapes) {
        SignatureValues values(request, {});
        values.find_keys_with(
            [](const KeyPlace&, std::string_view, JwtAlgorithm) -> Result<Keyring::Keys> { return known; });
        const auto done = shape.verify(values, Timestamp{std::chrono::seconds{1300819380}});
        if (done || done.error().fault != Fault::unauthorized) std::abort();
    }
    return 0;
}
