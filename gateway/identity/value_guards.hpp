// ValueGuards: values that many people share and that therefore say nothing about who somebody is.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace tributary::identity {

class ValueGuards {
  public:
    // The built-in lists and the user's additions, all in lower case.
    explicit ValueGuards(const std::vector<std::string>& more_role_mailboxes = {},
                         const std::vector<std::string>& more_disposable_domains = {}, std::size_t names_per_value = 5);

    // The built-in lists alone.
    static const ValueGuards& standard();

    // info@, sales@, noreply@ ... and plus-tagged or numbered forms of them. `local` in lower case.
    bool is_role_mailbox(std::string_view local) const;
    // The domain or one above it is on the list. Lower case.
    bool is_disposable(std::string_view domain) const;
    // A value held by more distinct names than this is generic and links nobody.
    std::size_t names_per_value() const { return names_per_value_; }

  private:
    std::set<std::string, std::less<>> roles_, disposable_;
    std::size_t names_per_value_;
};

}  // namespace tributary::identity
