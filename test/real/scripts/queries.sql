create table station(id integer primary key, name text not null unique, depth real check (depth >= 0));
insert into station(name, depth) values ('Überlingen', 12.5), ('Kap Arkona', 3), ('日本', 1e3);
create table reading(station integer references station(id), at integer, value real);
create index reading_at on reading(at);
with recursive n(i) as (select 1 union all select i + 1 from n where i < 800)
  insert into reading select 1 + i % 3, i, (i * 7919 % 1009) / 8.0 from n;
select name, count(*), sum(value), min(value), max(value) from station join reading on station.id = station group by 1 order by 1;
select printf('%08.3f|%s|%x|%!.15g', value, hex(name), at, value / 3) from reading join station on station = id where at between 100 and 104;
explain query plan select * from reading where at = 7;
savepoint s;
delete from reading where value > 50;
select changes(), (select count(*) from reading);
rollback to s;
release s;
select count(*), total(value) from reading;
insert or ignore into station(name, depth) values ('Kap Arkona', 4);
select changes();
create trigger deeper after update of depth on station begin insert into reading values (new.id, -1, new.depth - old.depth); end;
update station set depth = depth * 2 where name like 'Ka%';
select value from reading where at < 0;
select name, row_number() over (order by depth desc), lag(name) over (order by depth desc) from station;
select json_extract('{"a":[1,{"b":"ü"}]}', '$.a[1].b'), json_group_array(id) from station;
select 1/0, 5 % 3, -7 / 2, round(2.5), abs(-9223372036854775807), 9223372036854775807 + 1, typeof(1e400), cast('12abc' as integer);
select date(0, 'unixepoch', '+1 month'), strftime('%Y-%W', '2026-11-23'), julianday('2000-01-01');
vacuum;
pragma integrity_check;
.dump station
