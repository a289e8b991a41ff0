#include "gateway/identity/value_guards.hpp"

#include <algorithm>

namespace tributary::identity {

namespace {

constexpr std::string_view kRoles[] = {"abuse",
                                       "accounting",
                                       "accounts",
                                       "admin",
                                       "administrator",
                                       "anfrage",
                                       "bestellung",
                                       "billing",
                                       "booking",
                                       "buchhaltung",
                                       "careers",
                                       "compras",
                                       "contact",
                                       "contacto",
                                       "contato",
                                       "customercare",
                                       "customerservice",
                                       "donotreply",
                                       "einkauf",
                                       "enquiries",
                                       "facturation",
                                       "feedback",
                                       "finance",
                                       "fax",
                                       "hello",
                                       "help",
                                       "helpdesk",
                                       "hostmaster",
                                       "hr",
                                       "info",
                                       "information",
                                       "inquiries",
                                       "invoice",
                                       "invoices",
                                       "it",
                                       "jobs",
                                       "kontakt",
                                       "kundenservice",
                                       "legal",
                                       "mail",
                                       "mailbox",
                                       "mailer-daemon",
                                       "marketing",
                                       "newsletter",
                                       "no-reply",
                                       "no_reply",
                                       "nobody",
                                       "noc",
                                       "noreply",
                                       "office",
                                       "order",
                                       "orders",
                                       "personal",
                                       "post",
                                       "postmaster",
                                       "presse",
                                       "press",
                                       "privacy",
                                       "purchasing",
                                       "rechnung",
                                       "reception",
                                       "reply",
                                       "root",
                                       "sales",
                                       "security",
                                       "service",
                                       "services",
                                       "shop",
                                       "spam",
                                       "store",
                                       "support",
                                       "team",
                                       "test",
                                       "unsubscribe",
                                       "usenet",
                                       "verkauf",
                                       "ventas",
                                       "vertrieb",
                                       "webmaster",
                                       "welcome",
                                       "www",
                                       "zentrale",
                                       "客服"};

constexpr std::string_view kDisposable[] = {"10minutemail.com",    "20minutemail.com",
                                            "33mail.com",          "anonbox.net",
                                            "burnermail.io",       "discard.email",
                                            "dispostable.com",     "emailondeck.com",
                                            "fakeinbox.com",       "fakemail.net",
                                            "getairmail.com",      "getnada.com",
                                            "guerrillamail.biz",   "guerrillamail.com",
                                            "guerrillamail.de",    "guerrillamail.net",
                                            "guerrillamail.org",   "guerrillamailblock.com",
                                            "incognitomail.org",   "jetable.org",
                                            "mail-temp.com",       "mailcatch.com",
                                            "maildrop.cc",         "mailinator.com",
                                            "mailnesia.com",       "mailnull.com",
                                            "mailsac.com",         "mintemail.com",
                                            "moakt.com",           "mohmal.com",
                                            "mytemp.email",        "nowmymail.com",
                                            "sharklasers.com",     "spam4.me",
                                            "spambox.us",          "spamex.com",
                                            "spamgourmet.com",     "temp-mail.org",
                                            "tempail.com",         "tempinbox.com",
                                            "tempmail.com",        "tempmail.net",
                                            "tempmailaddress.com", "tempr.email",
                                            "throwawaymail.com",   "trash-mail.com",
                                            "trashmail.com",       "trashmail.de",
                                            "trashmail.net",       "wegwerfemail.de",
                                            "wegwerfmail.de",      "yopmail.com",
                                            "yopmail.fr",          "yopmail.net"};

}  // namespace

ValueGuards::ValueGuards(const std::vector<std::string>& more_role_mailboxes,
                         const std::vector<std::string>& more_disposable_domains, std::size_t names_per_value)
    : roles_(std::begin(kRoles), std::end(kRoles)),
      disposable_(std::begin(kDisposable), std::end(kDisposable)),
      names_per_value_(names_per_value) {
    roles_.insert(more_role_mailboxes.begin(), more_role_mailboxes.end());
    disposable_.insert(more_disposable_domains.begin(), more_disposable_domains.end());
}

const ValueGuards& ValueGuards::standard() {
    static const ValueGuards guards;
    return guards;
}

bool ValueGuards::is_role_mailbox(std::string_view local) const {
    local = local.substr(0, local.find('+'));
    while (!local.empty() && local.back() >= '0' && local.back() <= '9') local.remove_suffix(1);
    return roles_.contains(local);
}

bool ValueGuards::is_disposable(std::string_view domain) const {
    while (true) {
        if (disposable_.contains(domain)) return true;
        const auto dot = domain.find('.');
        if (dot == std::string_view::npos) return false;
        domain.remove_prefix(dot + 1);
    }
}

}  // namespace tributary::identity
