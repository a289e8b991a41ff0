#include <algorithm>

#include "gateway/base/text.hpp"
#include "gateway/connector/login.hpp"
#include "gateway/crypto/equal.hpp"
#include "gateway/value/form.hpp"

namespace tributary::connector {
namespace {

constexpr std::size_t kLongest = 16 << 10;
constexpr std::size_t kMostFields = 100;

// RFC 6749 4.1.2.1: error codes are printable ASCII; anything else is not repeated to an operator.
std::string shown(std::string_view text) {
    std::string out(text.substr(0, 200));
    for (auto& c : out)
        if (c < ' ' || c > '~') c = '?';
    return out;
}

std::string refusal(value::Node fields) {
    const auto code = fields.find("error").text();
    std::string text = code == "access_denied" ? "the login was denied" : "the provider refused the login";
    text += " (" + shown(code);
    if (const auto why = fields.find("error_description").text(); !why.empty()) text += ": " + shown(why);
    return text + ")";
}

}  // namespace

Result<Redirected> read_redirect(std::string_view address, std::string_view state) {
    address = trim(address);
    if (address.size() > kLongest) return fail(Fault::bad_input, "the address is longer than 16 KB");
    if (const auto mark = address.find('#'); mark != std::string_view::npos) address = address.substr(0, mark);
    if (const auto mark = address.find('?'); mark != std::string_view::npos) address.remove_prefix(mark + 1);
    auto fields = value::parse_form(address, kMostFields);
    if (!fields) return pass(std::move(fields), "the address that the browser was sent to");
    const auto root = fields->root();
    const auto code = root.find("code");
    const auto error = root.find("error");
    if (!code && !error)
        return fail(Fault::bad_input,
                    "there is neither a code nor an error in it: give the whole address that the "
                    "browser shows after the login");
    const auto given = root.find("state");
    if (!given.is(value::Kind::text) || !crypto::equal(given.text(), state))
        return fail(Fault::unauthorized,
                    "the state is not that of this login: begin it again, and finish it in the "
                    "browser window that it opened");
    if (error) return fail(Fault::unauthorized, refusal(root));
    if (!code.is(value::Kind::text) || code.text().empty())
        return fail(Fault::bad_input, "the code in it is empty or there are several");
    return Redirected{std::string(code.text()), std::string(address)};
}

}  // namespace tributary::connector
