"""Six features of a web shop in redis-py, a data type each: python3 shop.py PORT. Fails with the first false assertion."""

import json
import sys
import time

import redis

r = redis.Redis(host="127.0.0.1", port=int(sys.argv[1]), decode_responses=True)
assembled = 0


def assemble(sku):
    global assembled
    assembled += 1
    return {"sku": sku, "name": "Basmati – बासमती", "price": 649.5, "stock": 12}


def get_product(sku):
    key = f"product:{sku}"
    cached = r.get(key)
    if cached is not None:
        return json.loads(cached)
    product = assemble(sku)
    r.setex(key, 300, json.dumps(product))
    return product


def add_to_cart(user, sku, quantity=1):
    r.hincrby(f"cart:{user}", sku, quantity)
    r.expire(f"cart:{user}", 7 * 86400)


def view_cart(user):
    return r.hgetall(f"cart:{user}")


def viewed(user, sku):
    key = f"recent:{user}"
    r.lpush(key, sku)
    r.ltrim(key, 0, 9)
    r.expire(key, 30 * 86400)


def recent_views(user):
    return r.lrange(f"recent:{user}", 0, 9)


def record_sale(day, sku, quantity):
    r.zincrby(f"sales:{day}", quantity, sku)
    r.expire(f"sales:{day}", 3 * 86400)


def top_sellers(day, count=10):
    return r.zrange(f"sales:{day}", 0, count - 1, desc=True, withscores=True)


def saw_user(hour, user):
    r.pfadd(f"active:{hour}", str(user))
    r.expire(f"active:{hour}", 7200)


def active_users(hour):
    return r.pfcount(f"active:{hour}")


def allow_add_to_cart(user, minute):
    key = f"rl:atc:{user}:{minute}"
    count = r.incr(key)
    if count == 1:
        r.expire(key, 60)
    return count <= 30


def lives_for(key, seconds):
    return seconds - 30 < r.ttl(key) <= seconds


def check_products():
    assert get_product("SKU101") == get_product("SKU101")
    assert assembled == 1
    assert lives_for("product:SKU101", 300)


def check_carts():
    assert view_cart(42) == {}
    for _ in range(3):
        add_to_cart(42, "SKU101")
    add_to_cart(42, "SKU207", 5)
    add_to_cart(42, "SKU101", -1)
    assert view_cart(42) == {"SKU101": "2", "SKU207": "5"}
    assert lives_for("cart:42", 7 * 86400)


def check_recent_views():
    for i in range(25):
        viewed(7, f"SKU{i}")
    assert recent_views(7) == [f"SKU{i}" for i in range(24, 14, -1)]
    assert lives_for("recent:7", 30 * 86400)


def check_top_sellers():
    today = time.strftime("%Y-%m-%d")
    for i in range(200):
        record_sale(today, f"SKU{i}", i)
    record_sale(today, "SKU5", 1000)
    assert top_sellers(today, 3) == [("SKU5", 1005.0), ("SKU199", 199.0), ("SKU198", 198.0)]
    assert len(top_sellers(today)) == 10
    assert lives_for(f"sales:{today}", 3 * 86400)


def check_active_users():
    hour = int(time.time() // 3600)
    for i in range(500):
        saw_user(hour, i % 250)
    assert abs(active_users(hour) - 250) <= 12
    assert active_users(hour - 1) == 0
    assert lives_for(f"active:{hour}", 7200)


def check_rate_limit():
    minute = int(time.time() // 60)
    assert [allow_add_to_cart(42, minute) for _ in range(35)] == [True] * 30 + [False] * 5
    assert allow_add_to_cart(43, minute)
    assert lives_for(f"rl:atc:42:{minute}", 60)


for check in (
    check_products,
    check_carts,
    check_recent_views,
    check_top_sellers,
    check_active_users,
    check_rate_limit,
):
    check()
    print(check.__name__)
r.flushall()
