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

stop() {
    trap '' TERM
    # Login shells ignore TERM, but hang up when their SSH session ends.
    kill -TERM -1
    # tini and this shell remain.
    while set -- /proc/[0-9]*; [ $# -gt 2 ]; do sleep 0.02; done
    exit 0
}
trap stop TERM

/usr/sbin/sshd -D -e -o "PasswordAuthentication=$(cat "$seed/password_login")" &

if [ -s "$seed/user_data" ] && [ ! -e "$state/user_data" ]; then
    # The copy marks that it has begun: user data runs once, even when the machine is cut off meanwhile.
    (umask 077 && cat "$seed/user_data" >"$state/user_data")
    chmod 700 "$state/user_data"
    {
        cd / && "$state/user_data" >/var/log/cloud-init-output.log 2>&1 </dev/null
        echo "user data ended with exit code $?"
    } &
fi

while :; do
    wait
    sleep infinity &
done
