#include "gateway/app/public_opt_in.hpp"

#include "gateway/value/form.hpp"

namespace tributary::app {
namespace {

constexpr std::size_t kLongestForm = 4096;
constexpr std::size_t kFormFields = 10;

net::HttpResponse opt_in_page(int status, std::string_view content) {
    std::string body = "<!doctype html><html><head><meta charset=\"utf-8\"><title>Confirmation</title></head><body>";
    body += content;
    body += "</body></html>\n";
    return {status,
            {{"Content-Type", "text/html; charset=utf-8"},
             {"Cache-Control", "no-store"},
             {"Referrer-Policy", "no-referrer"},
             {"X-Content-Type-Options", "nosniff"},
             {"Content-Security-Policy", "default-src 'none'; form-action 'self'; frame-ancestors 'none'"}},
            std::move(body),
            {}};
}

net::HttpResponse no_such_link() {
    return opt_in_page(404, "<p>This link is not valid any more. Nothing was changed.</p>");
}

std::string token_in(std::string_view form) {
    if (form.size() > kLongestForm) return {};
    auto fields = value::parse_form(form, kFormFields);
    if (!fields) return {};
    auto token = fields->root().find("token");
    return token.is(value::Kind::text) && flow::DoubleOptIn::is_token(token.text()) ? std::string(token.text())
                                                                                    : std::string();
}

}  // namespace

run::Task<net::HttpResponse> PublicOptIn::answer(net::InboundHttp request) {
    if (request.method == "GET" || request.method == "HEAD") {
        auto token = token_in(request.query());
        if (token.empty()) co_return no_such_link();
        co_return opt_in_page(200, "<form method=\"post\" action=\"" + std::string(kPath) +
                                       "\"><p>Please confirm that you want our messages.</p>"
                                       "<input type=\"hidden\" name=\"token\" value=\"" +
                                       token + "\"><button>Yes, confirm</button></form>");
    }
    if (request.method != "POST") co_return opt_in_page(405, "<p>Open the link in a browser.</p>");
    auto token = token_in(request.body);
    if (token.empty()) co_return no_such_link();
    auto confirmed = co_await run::on(pool_, [&] { return opt_in_.confirm(token); });
    if (confirmed) co_return opt_in_page(200, "<p>Thank you. It is confirmed.</p>");
    if (confirmed.error().fault == Fault::not_found) co_return no_such_link();
    co_return opt_in_page(503, "<p>This cannot be done right now. Please try again later.</p>");
}

}  // namespace tributary::app
