// Debian's own Linux for riscv64 with an initramfs of its busybox: software that nobody of us wrote, to a shell and
// down again. Registered only with -D TOLLGATE_DEBIAN=DIR (boot/vmlinux-*, usr/bin/busybox).
#include "platform/boot/tollgate_run.hh"
#include <fmt/format.h>

namespace tollgate::boot_test {
namespace {

/// A cpio archive of the kind that Linux unpacks at its start ("newc").
class Initramfs {
  public:
    void directory(const std::string& name) { entry(name, 0040755, ""); }
    void file(const std::string& name, const std::string& bytes) { entry(name, 0100755, bytes); }
    std::string finished() {
        entry("TRAILER!!!", 0, "");
        return std::move(bytes_);
    }

  private:
    void entry(const std::string& name, unsigned mode, const std::string& bytes) {
        const std::size_t zero = 0;
        bytes_ += fmt::format("070701{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}",
                              ++number_, mode, zero, zero, 1, zero, bytes.size(), zero, zero, zero, zero,
                              name.size() + 1, zero);
        bytes_ += name;
        bytes_ += '\0';
        pad();
        bytes_ += bytes;
        pad();
    }
    void pad() { bytes_.resize((bytes_.size() + 3) / 4 * 4); }
    std::string bytes_;
    unsigned number_ = 0;
};

class Linux : public ::testing::Test {
  protected:
    void SetUp() override {
        const fs::path debian{TOLLGATE_DEBIAN};
        for (const fs::directory_entry& e : fs::directory_iterator{debian / "boot"})
            if (e.path().filename().string().starts_with("vmlinux-")) kernel_ = e.path();
        ASSERT_FALSE(kernel_.empty()) << "no boot/vmlinux-* in " << debian;
        Initramfs root;
        for (const char* name : {"bin", "dev", "proc", "sys", "tmp"}) root.directory(name);
        root.file("bin/busybox", content(debian / "usr/bin/busybox"));
        root.file("init", "#!/bin/busybox sh\n"
                          "/bin/busybox --install -s /bin\n"
                          "export PATH=/bin\n"
                          "mount -t devtmpfs dev /dev; mount -t proc proc /proc; mount -t sysfs sysfs /sys; mount -t "
                          "tmpfs tmpfs /tmp\n"
                          "echo harts $(nproc) nodes $(ls -d /sys/devices/system/node/node? | wc -l)\n"
                          "i=0; while [ $i -lt 8 ]; do (seq 1 2000 | sha1sum >/tmp/$i) & i=$((i+1)); done; wait\n"
                          "cat /tmp/[0-7] | sort | uniq -c\n"
                          "poweroff -f\n");
        write(folder / "root.cpio", root.finished());
    }
    Result linux_on(const std::string& machine, const std::string& run) {
        return boot(folder,
                    machine + " --host-limit 280s --kernel " + kernel_.string() + " --initrd "
                        + (folder / "root.cpio").string() + " --append 'console=ttyS0'",
                    "/dev/null", run);
    }
    void expect_shell(const Result& r, int harts, int nodes) {
        EXPECT_EQ(r.code, 0) << r.err << r.out;
        EXPECT_NE(r.out.find(fmt::format("harts {} nodes {}", harts, nodes)), std::string::npos) << r.out;
        // Eight processes side by side came to one result, that of `seq 1 2000 | sha1sum` anywhere.
        EXPECT_NE(r.out.find("8 763ceab1c1f9165c45031c86313c16f2cbb0ad0c  -"), std::string::npos) << r.out;
    }
    fs::path kernel_;
    Folder folder;
};

TEST_F(Linux, ReachesAShellFunctionally) { expect_shell(linux_on("-p tiny -s sim.mode=functional", "run"), 4, 2); }
TEST_F(Linux, ReachesAShellOnTheTimedServer) { expect_shell(linux_on("-p server", "run"), 4, 2); }

} // namespace
} // namespace tollgate::boot_test
