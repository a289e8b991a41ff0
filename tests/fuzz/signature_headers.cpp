// Signature headers and bodies of strangers, against every shape of the vocabulary: nothing is accepted without the
// secret, and nothing crashes. Input: lines of "name: value", an empty line, the body.
#include <cstdlib>

#include "gateway/base/text.hpp"
#include "gateway/connector/declarative/challenge.hpp"
#include "gateway/spec/load.hpp"

using namespace tributary;
using namespace tributary::connector;

namespace {

constexpr std::string_view kShapes = R"([
  { type: hmac, over: "{timestamp}.{body}", header: sign, list: { separator: ",", pick: "v1=" }, key: "{credentials.k}",
    timestamp: { from: "{header.sign}", list: { separator: ",", pick: "t=" } } },
  { type: hmac, over: "{header.id}.{timestamp}.{body}", header: sign, encoding: base64, list: { separator: " ", pick: "v1," },
    key: "{credentials.k}", timestamp: { from: "{header.time}", unit: ms } },
  { type: hmac, over: "{body}", header: sign, encoding: [base64, after_colon, hex], key: "{credentials.k}" },
  { type: hmac, over: "{json.signature.timestamp}{json.signature.token}", signature: "{json.signature.signature}",
    key: "{credentials.k}" },
  { type: hmac, over: "{method}{decoded_url}{body}", header: sign, prefix: "sha256=", key: "{credentials.k}" },
  { type: hmac, algorithm: sha1, over: "{url}{sorted_form}", header: sign, encoding: base64, key: "{credentials.k}" },
  { type: hash, algorithm: sha1, sorted: ["{key}", "{query.timestamp}", "{xml.xml.Encrypt}"], header: sign, key: "{credentials.k}" },
  { type: ecdsa, over: "{body}", header: sign, key: "{credentials.p}" },
  { type: static, each: value, value: "{item.clientState}", key: "{credentials.k}" },
  { type: static, value: "{form.token}", key: "Basic {credentials.k|base64}" } ])";

InboundRequest read(std::string_view input) {
    InboundRequest request{"POST", "https://h.example/in", "/in", {}, ""};
    while (!input.empty()) {
        auto end = input.find('\n');
        auto line = input.substr(0, end);
        input.remove_prefix(end == std::string_view::npos ? input.size() : end + 1);
        if (line.empty()) break;
        auto colon = line.find(':');
        if (colon == std::string_view::npos) continue;
        std::string text(trim(line.substr(colon + 1)));
        if (line.substr(0, colon) == "url") request.url = text;
        request.headers.emplace_back(line.substr(0, colon), text);
    }
    request.body = input;
    return request;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto shapes = [] {
        spec::Problems problems;
        auto loaded = spec::load_text<std::vector<Verify>>(kShapes, "shapes", problems);
        if (!loaded || !problems.ok()) std::abort();
        return *std::move(loaded);
    }();
    SecretReader secrets = [](std::string_view field) -> Result<crypto::SecretBytes> {
        return crypto::SecretBytes(
            field == "p" ? "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEYP7UuiVanTHJYet0xjVtaMBJuJI7Yfps5mliLmDyn7Z5A/"
                           "4QCLi8maQa6elWKLxk8vGyDC1+n1F3o8KU1EYimQ=="
                         : "9f8c1e0b77aa52d3-unguessable\n51c0ffee-another");
    };
    auto request = read({reinterpret_cast<const char*>(data), size});
    for (const auto& shape : shapes) {
        SignatureValues values(request, secrets);
        auto done = shape.verify(values, Timestamp{std::chrono::seconds{1750000000}});
        if (done || done.error().fault != Fault::unauthorized) std::abort();
    }
    return 0;
}
