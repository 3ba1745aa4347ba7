from testcontainers.redis import RedisContainer


def test_a_value_is_kept():
    with RedisContainer("redis:7-alpine") as redis:
        client = redis.get_client()
        client.set("greeting", "hello")
        assert client.get("greeting") == b"hello"
