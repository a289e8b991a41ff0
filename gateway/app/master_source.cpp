#include "gateway/app/master_source.hpp"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <string_view>

#include "gateway/app/program_kms.hpp"
#include "gateway/vault/key_file.hpp"

namespace tributary::app {
namespace {

template <class... F>
struct Overloaded : F... {
    using F::operator()...;
};

crypto::SecretBytes first_line(const crypto::SecretBytes& text) {
    const auto end = text.reveal().find_first_of("\r\n");
    return crypto::SecretBytes(text.reveal().substr(0, end));
}

constexpr std::size_t kLongestPassphrase = 1024;

}  // namespace

Result<crypto::SecretBytes> ask_passphrase(const char* prompt) {
    const int terminal = ::open("/dev/tty", O_RDWR | O_CLOEXEC);
    termios before{};
    if (terminal < 0 || ::tcgetattr(terminal, &before) != 0) {
        if (terminal >= 0) ::close(terminal);
        return fail(Fault::bad_config,
                    "the passphrase is asked for at a terminal, and there is none: let the parent process hand it over "
                    "with `fd: 3`");
    }
    termios silent = before;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(terminal, TCSAFLUSH, &silent);
    std::ignore = ::write(terminal, prompt, std::string_view(prompt).size());
    auto typed = crypto::SecretBytes::of_size(kLongestPassphrase);
    const auto size = ::read(terminal, typed.data().data(), typed.size());  // the terminal gives one line
    ::tcsetattr(terminal, TCSAFLUSH, &before);
    std::ignore = ::write(terminal, "\n", 1);
    ::close(terminal);
    if (size <= 0) return fail(Fault::bad_config, "no passphrase was given");
    return first_line(crypto::SecretBytes(typed.reveal().substr(0, static_cast<std::size_t>(size))));
}

Result<vault::Master> open_master(const MasterConfig& config) {
    return std::visit(
        Overloaded{
            [](const MasterFileConfig& file) { return vault::Master::from_file(file.path); },
            [](const MasterPassphraseConfig& phrase) -> Result<vault::Master> {
                if (phrase.descriptor == 0) {
                    TRY(auto typed, ask_passphrase("passphrase of the vault: "));
                    return vault::Master::from_passphrase(std::move(typed));
                }
                TRY(const auto text, vault::read_descriptor(phrase.descriptor));
                return vault::Master::from_passphrase(first_line(text));
            },
            [](const MasterDescriptorConfig& fd) { return vault::Master::from_descriptor(fd.descriptor); },
            [](const MasterProgramConfig& program) -> Result<vault::Master> {
                return vault::Master::from_kms(std::make_shared<ProgramKms>(program.command, program.timeout));
            },
        },
        config);
}

// Beside a master key file, else in keys/ beside the configuration; never in the store.
std::filesystem::path ring_path(const Config& config, const MasterConfig& master) {
    if (!config.vault.ring.empty()) return config.vault.ring;
    if (const auto* file = std::get_if<MasterFileConfig>(&master)) return file->path.parent_path() / "key.ring";
    return config.directory() / "keys" / "key.ring";
}

}  // namespace tributary::app
