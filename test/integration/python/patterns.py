"""What people build on Redis, in redis-py: python3 patterns.py PORT. Fails with the first assertion that does not hold.

Rivals are threads; each takes a connection of its own from the client's pool. Comparing before writing is done by WATCH and
MULTI, and again when somebody was quicker.
"""

import json
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import redis

RIVALS = 6
r = redis.Redis(host="127.0.0.1", port=int(sys.argv[1]), decode_responses=True)


def at_once(work, count=RIVALS):
    """Runs work(0) to work(count - 1) at the same time; their results in order."""
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(work, range(count)))


def eventually(holds):
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def delete_if(key, token):
    with r.pipeline() as pipe:
        try:
            pipe.watch(key)
            if pipe.get(key) != token:
                return False
            pipe.multi()
            pipe.delete(key)
            pipe.execute()
            return True
        except redis.WatchError:
            return False


def check_cache_aside():
    built = []

    def read(who):
        while True:
            cached = r.get("user:42")
            if cached is not None:
                return json.loads(cached)
            if not r.set("user:42:building", str(who), nx=True, px=20_000):
                time.sleep(0.002)
                continue
            cached = r.get("user:42")
            if cached is None:
                built.append(who)
                cached = json.dumps({"name": "Riya", "built": len(built)})
                r.set("user:42", cached, ex=300)
            assert delete_if("user:42:building", str(who))

    assert at_once(read) == [{"name": "Riya", "built": 1}] * RIVALS
    assert 270 < r.ttl("user:42") <= 300


def check_fixed_window():
    def calls(_):
        allowed = 0
        for _ in range(20):
            count = r.incr("rate:user:42:1000")
            if count == 1:
                r.expire("rate:user:42:1000", 60)
            allowed += count <= 100
        return allowed

    assert sum(at_once(calls)) == 100
    assert 0 < r.ttl("rate:user:42:1000") <= 60


def check_sliding_window():
    def allow(call, now):
        pipe = r.pipeline(transaction=True)
        pipe.zremrangebyscore("sliding:42", "-inf", now - 60)
        pipe.zadd("sliding:42", {call: now})
        pipe.zcard("sliding:42")
        pipe.expire("sliding:42", 60)
        if pipe.execute()[2] <= 10:
            return True
        r.zrem("sliding:42", call)
        return False

    for now, expected in ((59, 10), (61, 0), (119.5, 10)):
        results = at_once(lambda who: [allow(f"{now}:{who}:{i}", now) for i in range(4)])
        assert sum(map(sum, results)) == expected, now


def check_token_bucket():
    def take(now):
        with r.pipeline() as pipe:
            while True:
                try:
                    pipe.watch("bucket:42")
                    tokens, at = pipe.hmget("bucket:42", "tokens", "at")
                    elapsed = 0 if at is None else now - float(at)
                    level = min(10.0, (10.0 if tokens is None else float(tokens)) + elapsed * 2)
                    if level < 1:
                        return False
                    pipe.multi()
                    pipe.hset("bucket:42", mapping={"tokens": level - 1, "at": now})
                    pipe.execute()
                    return True
                except redis.WatchError:
                    continue

    for now, expected in ((100, 10), (100, 0), (102.5, 5)):
        assert sum(map(sum, at_once(lambda _: [take(now) for _ in range(3)]))) == expected, now


def check_leaderboard():
    r.zadd("leaderboard:weekly", {"user:9": 1842, "user:12": 2210})
    assert r.zrevrange("leaderboard:weekly", 0, 9, withscores=True) == [("user:12", 2210.0), ("user:9", 1842.0)]
    assert r.zrank("leaderboard:weekly", "user:9") == 0
    at_once(lambda _: [r.zincrby("leaderboard:weekly", 100, "user:9") for _ in range(10)])
    assert r.zrevrank("leaderboard:weekly", "user:9") == 0
    assert r.zscore("leaderboard:weekly", "user:9") == 1842 + RIVALS * 1000
    assert r.zrange("leaderboard:weekly", 0, 0, desc=True) == ["user:9"]


def check_presence():
    now = 1_900_000_000
    for user, seen in (("asha", now), ("riya", now + 30)):
        r.set(f"online:{user}", 1, px=20 if user == "asha" else 60_000)
        r.zadd("heartbeats", {user: seen})
        r.sadd("online", user)
    eventually(lambda: not r.exists("online:asha"))
    assert r.exists("online:riya") == 1
    assert r.zremrangebyscore("heartbeats", "-inf", now + 29) == 1
    assert r.zrange("heartbeats", 0, -1) == ["riya"]
    assert r.smembers("online") == {"asha", "riya"} and r.srem("online", "asha") == 1


def check_seat_hold():
    holds = at_once(lambda who: r.set("seat:show123:A7", f"hold_{who}", nx=True, ex=300))
    assert holds.count(True) == 1 and holds.count(None) == RIVALS - 1
    assert r.get("seat:show123:A7") == f"hold_{holds.index(True)}"
    assert r.set("seat:show123:B1", "left", nx=True, px=20)
    eventually(lambda: r.set("seat:show123:B1", "next", nx=True, ex=300))


def check_lock():
    inside = threading.Lock()
    fences = []

    def work(who):
        for i in range(5):
            token = f"{who}:{i}"
            while not r.set("lock:stock", token, nx=True, px=60_000):
                time.sleep(0.001)
            assert inside.acquire(blocking=False)
            fences.append(r.incr("fence:stock"))
            inside.release()
            assert not delete_if("lock:stock", "another")
            assert delete_if("lock:stock", token)

    at_once(work)
    assert fences == list(range(1, RIVALS * 5 + 1))


def check_queues():
    def work(_):
        done = []
        while True:
            _, job = r.brpop("jobs", timeout=10)
            if job == "end":
                return done
            done.append(job)

    for i in range(100):
        r.lpush("jobs", f"job {i}")
    for _ in range(RIVALS):
        r.lpush("jobs", "end")
    done = sum(at_once(work), [])
    assert sorted(done) == sorted(f"job {i}" for i in range(100))
    with ThreadPoolExecutor(1) as pool:
        moved = pool.submit(r.blmove, "mail", "working", 10, "RIGHT", "LEFT")
        r.lpush("mail", "letter")
        assert moved.result() == "letter"
    assert r.lrem("working", 1, "letter") == 1
    r.zadd("later", {f"job {i}": i for i in range(40)})
    due = at_once(lambda _: [job for job in r.zrangebyscore("later", "-inf", 19) if r.zrem("later", job)])
    assert sorted(sum(due, [])) == sorted(f"job {i}" for i in range(20))


def check_sets():
    r.sadd("follows:riya", "asha", "rahul", "priya")
    r.sadd("follows:dev", *(f"user {i}" for i in range(500)), "rahul", "priya")
    assert r.sismember("follows:riya", "asha") and not r.sismember("follows:dev", "asha")
    assert r.sinter("follows:riya", "follows:dev") == {"rahul", "priya"}
    assert r.sinterstore("mutual", "follows:riya", "follows:dev") == 2


def check_event_log():
    r.xgroup_create("orders", "billing", id="$", mkstream=True)
    ids = [r.xadd("orders", {"what": f"order {i}"}, maxlen=1000) for i in range(30)]
    got = []
    for consumer in ("c1", "c2", "c1"):
        for _, entries in r.xreadgroup("billing", consumer, {"orders": ">"}, count=10, block=10_000):
            got += entries
    assert got == [(id, {"what": f"order {i}"}) for i, id in enumerate(ids)]
    assert r.xreadgroup("billing", "c1", {"orders": ">"}, block=1) == []
    assert r.xack("orders", "billing", *ids[:25]) == 25
    assert r.xpending("orders", "billing")["pending"] == 5
    r.xautoclaim("orders", "billing", "c3", min_idle_time=0)
    assert [one["name"] for one in r.xinfo_consumers("orders", "billing") if one["pending"]] == ["c3"]
    assert r.xread({"orders": ids[28]}) == [["orders", [(ids[29], {"what": "order 29"})]]]


def check_counting():
    for i in range(300):
        r.pfadd("visitors:mon", f"user {i}")
        r.pfadd("visitors:tue", f"user {i + 150}")
    assert abs(r.pfcount("visitors:mon") - 300) < 15
    assert abs(r.pfcount("visitors:mon", "visitors:tue") - 450) < 22
    assert r.pfmerge("visitors:both", "visitors:mon", "visitors:tue")
    for day, users in (("mon", (1, 5, 9, 100_000)), ("tue", (5, 8, 100_000))):
        for user in users:
            r.setbit(f"daily:{day}", user, 1)
    r.bitop("AND", "daily:both", "daily:mon", "daily:tue")
    assert (r.bitcount("daily:mon"), r.bitcount("daily:both")) == (4, 2)


def check_notifications():
    listeners = [r.pubsub(ignore_subscribe_messages=True) for _ in range(RIVALS)]
    for listener in listeners:
        listener.subscribe("chan:order:new")
    eventually(lambda: r.pubsub_numsub("chan:order:new") == [("chan:order:new", RIVALS)])
    for i in range(20):
        assert r.publish("chan:order:new", f"order {i}") == RIVALS
    for listener in listeners:
        heard = []
        while len(heard) < 20:
            message = listener.get_message(timeout=10)
            if message is not None:
                heard.append(message["data"])
        assert heard == [f"order {i}" for i in range(20)]
        listener.close()


def check_sessions_riders_and_carts():
    r.hset("sess:abc", mapping={"user_id": 42, "csrf": "tok"})
    r.expire("sess:abc", 1800)
    r.hset("sess:abc", "csrf", "new")
    assert r.hgetall("sess:abc") == {"user_id": "42", "csrf": "new"} and 1770 < r.ttl("sess:abc") <= 1800
    r.geoadd("riders", (77.5947, 12.9717, "near", 77.5946, 12.9716, "nearer", 77.7, 13.1, "far"))
    found = r.geosearch("riders", longitude=77.5945, latitude=12.9715, radius=2, unit="km", sort="ASC")
    assert found == ["nearer", "near"]
    pipe = r.pipeline(transaction=True)
    pipe.hincrby("cart:{user42}:items", "SKU101", 2)
    pipe.hset("cart:{user42}:meta", "changed", "now")
    pipe.hgetall("cart:{user42}:items")
    assert pipe.execute() == [2, 1, {"SKU101": "2"}]


for name, check in list(globals().items()):
    if name.startswith("check_"):
        check()
        print(name)
r.flushall()
