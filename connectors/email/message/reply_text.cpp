#include "connectors/email/message/reply_text.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "gateway/base/text.hpp"

namespace tributary::connectors::mail {

namespace {

using Lines = std::vector<std::string_view>;

bool is_quoted(std::string_view line) {
    return trim(line).starts_with('>');
}

// "On Mon, 5 Feb 2024 at 10:00, Zoe <zoe@example.com> wrote:", perhaps over two or three lines.
bool introduces(const Lines& lines, std::size_t at) {
    struct Form {
        std::string_view begin, end;
    };
    static constexpr std::array<Form, 8> kForms{{{"On ", "wrote:"},
                                                 {"Am ", "schrieb:"},
                                                 {"Le ", "écrit :"},
                                                 {"Le ", "écrit:"},
                                                 {"El ", "escribió:"},
                                                 {"Il ", "scritto:"},
                                                 {"Op ", "schreef:"},
                                                 {"在", "写道："}}};
    const auto first = trim(lines[at]);
    for (const auto& form : kForms) {
        if (!first.starts_with(form.begin)) continue;
        std::size_t size = 0;
        for (std::size_t i = at; i < std::min(at + 3, lines.size()); ++i) {
            const auto line = trim(lines[i]);
            if (line.empty() || (size += line.size()) > 400) break;
            if (line.ends_with(form.end)) return true;
            // "Am 05.02.24 um 10:00 schrieb Zoe:"
            if (form.end == "schrieb:" && line.ends_with(':') && line.find(" schrieb ") != line.npos) return true;
        }
    }
    return false;
}

bool divides(std::string_view line) {
    static constexpr std::array<std::string_view, 9> kWords{
        "original message",          "ursprüngliche nachricht", "originalnachricht", "forwarded message",
        "weitergeleitete nachricht", "message d'origine",       "mensaje original",  "原始邮件",
        "original appointment"};
    line = trim(line);
    if (!line.starts_with("--") || !line.ends_with("--")) return false;
    const auto inside = lower_ascii(
        trim(line.substr(line.find_first_not_of('-') == line.npos ? line.size() : line.find_first_not_of('-'))));
    return std::ranges::any_of(kWords, [&](std::string_view word) { return inside.starts_with(word); });
}

// Outlook's block: a From line and, among the next four, a Sent or Date line and a Subject line.
bool heads(const Lines& lines, std::size_t at) {
    const auto begins = [](std::string_view line, std::initializer_list<std::string_view> words) {
        line = trim(line);
        if (line.starts_with('*')) line.remove_prefix(1);
        return std::ranges::any_of(words, [&](std::string_view word) { return line.starts_with(word); });
    };
    if (!begins(lines[at], {"From:", "Von:", "De :", "De:", "Da:", "Van:", "发件人:", "发件人："})) return false;
    bool when = false, about = false;
    for (std::size_t i = at + 1; i < std::min(at + 7, lines.size()); ++i) {
        when |= begins(lines[i], {"Sent:", "Date:", "Gesendet:", "Datum:", "Envoyé :", "Enviado:", "Inviato:",
                                  "Verzonden:", "发送时间:", "发送时间："});
        about |= begins(lines[i],
                        {"Subject:", "Betreff:", "Objet :", "Asunto:", "Oggetto:", "Onderwerp:", "主题:", "主题："});
    }
    return when && about;
}

}  // namespace

std::string reply_text(std::string_view text) {
    const auto lines = split(text, '\n');
    std::string out;
    bool first = true;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (lines[i] == "-- " || divides(lines[i]) || heads(lines, i)) break;
        if (introduces(lines, i)) {
            // Above an answer that stands below its quotation, only the introduction goes.
            auto next = i + 1;
            while (next < lines.size() && next < i + 5 && !is_quoted(lines[next])) ++next;
            auto behind = next;
            while (behind < lines.size() && (is_quoted(lines[behind]) || trim(lines[behind]).empty())) ++behind;
            if (next == lines.size() || next == i + 5 || behind == lines.size()) break;
            i = behind - 1;
            continue;
        }
        if (is_quoted(lines[i])) continue;
        if (!first) out += '\n';
        out += lines[i];
        first = false;
    }
    const auto kept = trim(out);
    return std::string(kept.empty() ? trim(text) : kept);
}

}  // namespace tributary::connectors::mail
