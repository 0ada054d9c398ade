#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# build.sh BUILD: BUILD/anechoic_VERSION_ARCH.deb of what `make install` puts below a folder, by debhelper's programmes
# and without a network. What changes from build to build comes from the commit: its date is that of every file. Who
# packages it says so by Debian's DEBFULLNAME and DEBEMAIL, else it is the commit's author.
set -euo pipefail

build=${1:?usage: tools/deb/build.sh BUILD}
here=$(dirname "$0")
stage=$build/deb
root=$stage/debian/anechoic
commit=$(git log -1 --format=%H 2>/dev/null || echo unknown)
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 946684800)}
maintainer="${DEBFULLNAME:-$(git log -1 --format=%an)} <${DEBEMAIL:-$(git log -1 --format=%ae)}>"
version=$(sed -n 's/^Version: //p' "$root"/usr/lib/*/pkgconfig/anechoic.pc)
export SOURCE_DATE_EPOCH LC_ALL=C

# dpkg has a list of its own, and Debian the licence.
rm "$root/usr/lib/anechoic/installed" "$root/usr/share/doc/anechoic/LICENSE"
sed "s|@MAINTAINER@|$maintainer|" "$here/control" >"$stage/debian/control"
cp "$here/lintian-overrides" "$stage/debian/anechoic.lintian-overrides"
cat "$here/copyright" >"$stage/debian/copyright"
for part in newlib-source gnu-efi libjansson-dev libmd-dev; do
	printf '\n---- %s ----\n\n' "$part"
	cat "/usr/share/doc/$part/copyright"
done >>"$stage/debian/copyright"
cat >"$stage/debian/changelog" <<-END
	anechoic ($version) unstable; urgency=medium

	  * Built from commit $commit.

	 -- $maintainer  $(date -R -u -d "@$SOURCE_DATE_EPOCH")
END

cd "$stage"
# The archives hold objects for other machines, and no address of theirs may change.
dh_strip --no-automatic-dbgsym -X.a -X/images/
dh_installdocs
dh_installchangelogs
dh_lintian
dh_installsystemd --no-enable --no-start --name=anechoic-watch
dh_link usr/share/common-licenses/Apache-2.0 usr/share/doc/anechoic/LICENSE
dh_compress -X.md -X.c -X.h # pages, and what they lead to
dh_fixperms
dh_shlibdeps -X/images/ -Xanechoic-stream.so # whose calls QEMU has
dh_installdeb
dh_gencontrol
dh_md5sums
dh_builddeb --destdir=..
