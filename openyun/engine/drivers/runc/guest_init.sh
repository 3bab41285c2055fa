#!/bin/sh
# The machine's init, under tini: sets up login, runs SSH and the user data, and ends everything when told to stop.
seed=/run/openyun
state=/var/lib/openyun

mkdir -p "$state" /run/sshd /run/lock
cat "$seed/resolv.conf" >/etc/resolv.conf

read -r machine <"$seed/machine_id"
read -r before 2>/dev/null <"$state/machine_id" || before=$machine
if [ "$before" != "$machine" ]; then
    # The image was made of another machine, whose logins and keys are not ours.
    rm -f "$state/login_epoch" "$state/user_data" /etc/ssh/ssh_host_*_key*
fi
echo "$machine" >"$state/machine_id"

read -r applied 2>/dev/null <"$state/login_epoch" || applied=-1
read -r wanted <"$seed/login_epoch"
if [ "$applied" -lt "$wanted" ]; then
    cat "$seed/hostname" >/etc/hostname
    cat "$seed/hosts" >/etc/hosts
    mkdir -p -m 700 /root/.ssh
    (umask 077 && cat "$seed/authorized_keys" >/root/.ssh/authorized_keys)
    chpasswd -e <"$seed/password"
    echo "$wanted" >"$state/login_epoch"
fi

key=/etc/ssh/ssh_host_ed25519_key
if [ ! -s "$key" ]; then
    rm -f "$key.new" "$key.new.pub"
    ssh-keygen -q -t ed25519 -N '' -C "root@$(cat "$seed/hostname")" -f "$key.new"
    mv "$key.new.pub" "$key.pub"
    mv "$key.new" "$key"
fi

# There is no init system in the guest, so these words are for this one. What it says last is what the host reads.
mkdir -p /usr/local/sbin
cat >/run/openyun-power <<'END'
#!/bin/sh
word=poweroff
case "${0##*/}" in reboot) word=reboot ;; esac
for argument; do
    case "$argument" in
    -r | --reboot | 6) word=reboot ;;
    -h | -H | -P | -p | -f | -n | --halt | --poweroff | --force | now | +0 | 0) ;;
    *) echo "${0##*/}: $argument: not supported, only now" >&2 && exit 1 ;;
    esac
done
echo "$word" >/run/openyun-ending && kill -TERM "$(cat /run/openyun-init)"
END
chmod 755 /run/openyun-power
echo $$ >/run/openyun-init
for name in poweroff halt reboot shutdown; do
    [ -e "/usr/sbin/$name" ] || ln -sf /run/openyun-power "/usr/sbin/$name"
done

stop() {
    trap '' TERM
    # Login shells ignore TERM, but hang up when their SSH session ends.
    kill -TERM -1
    # tini and this shell remain.
    while set -- /proc/[0-9]*; [ $# -gt 2 ]; do sleep 0.02; done
    case "$(cat /run/openyun-ending 2>/dev/null)" in
    poweroff) echo "reboot: Power down" ;;
    reboot) echo "reboot: Restarting system" ;;
    esac
    exit 0
}
trap stop TERM

/usr/sbin/sshd -D -e -o "PasswordAuthentication=$(cat "$seed/password_login")" &

if [ ! -e "$state/user_data" ]; then
    # The copy marks that it has begun: user data runs once, even when the machine is cut off meanwhile, and at the
    # first boot or never.
    (umask 077 && cat "$seed/user_data" >"$state/user_data")
    chmod 700 "$state/user_data"
    [ ! -s "$state/user_data" ] || {
        cd / && "$state/user_data" >/var/log/cloud-init-output.log 2>&1 </dev/null
        echo "user data ended with exit code $?"
    } &
fi

while :; do
    wait
    sleep infinity &
done
