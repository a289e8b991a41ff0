#include "gateway/service/word_list.hpp"

#include <re2/re2.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>

#include <algorithm>

#include "gateway/base/text.hpp"
#include "gateway/service/message_text.hpp"

namespace tributary::service {
namespace {

constexpr std::int64_t kMemory = 32 << 20;

bool is_unspaced(std::string_view word) {
    auto text = icu::UnicodeString::fromUTF8({word.data(), static_cast<std::int32_t>(word.size())});
    for (std::int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
        UErrorCode failed = U_ZERO_ERROR;
        switch (uscript_getScript(text.char32At(i), &failed)) {
            case USCRIPT_HAN:
            case USCRIPT_HIRAGANA:
            case USCRIPT_KATAKANA:
            case USCRIPT_THAI:
            case USCRIPT_LAO:
            case USCRIPT_KHMER:
                return true;
            default:
                break;
        }
    }
    return false;
}

std::string pattern_of(std::string_view word) {
    bool open = word.ends_with('*');
    if (open) word.remove_suffix(1);
    std::string pattern;
    for (auto part : split(word, ' ')) {
        if (part.empty()) continue;
        if (!pattern.empty()) pattern += R"([^\pL\pN]+)";
        pattern += re2::RE2::QuoteMeta({part.data(), part.size()});
    }
    return open ? pattern + R"([\pL\pN\pM]*)" : pattern;
}

Result<std::shared_ptr<const re2::RE2>> compiled(const std::vector<std::string>& patterns, bool spaced) {
    if (patterns.empty()) return std::shared_ptr<const re2::RE2>();
    auto all = "(" + join(patterns, "|") + ")";
    if (spaced) all = R"((?:^|[^\pL\pN\pM]))" + all + R"((?:$|[^\pL\pN\pM]))";
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(kMemory);
    auto regex = std::make_shared<const re2::RE2>(all, options);
    if (!regex->ok()) return fail(Fault::bad_config, "these words are too many for one list");
    return regex;
}

}  // namespace

Result<WordList> WordList::compile(const std::vector<std::string>& words) {
    std::vector<std::string> spaced, unspaced;
    for (const auto& word : words) {
        auto folded = fold(word);
        if (!re2::RE2::PartialMatch(folded, R"([\pL\pN])"))
            return fail(Fault::bad_config, "'" + word + "' is no word: letters or digits are needed");
        (is_unspaced(folded) ? unspaced : spaced).push_back(pattern_of(folded));
    }
    // Where two begin at one place the longer is the one to show.
    auto longer = [](const std::string& a, const std::string& b) {
        return a.size() != b.size() ? a.size() > b.size() : a < b;
    };
    std::ranges::sort(spaced, longer);
    std::ranges::sort(unspaced, longer);
    WordList list;
    TRY(list.spaced_, compiled(spaced, true));
    TRY(list.unspaced_, compiled(unspaced, false));
    return list;
}

std::string WordList::find(std::string_view folded) const {
    for (const auto& regex : {spaced_, unspaced_}) {
        std::string found;
        if (regex && re2::RE2::PartialMatch({folded.data(), folded.size()}, *regex, &found)) return found;
    }
    return {};
}

}  // namespace tributary::service
