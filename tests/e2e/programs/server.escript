#!/usr/bin/env escript
%%! +S 2
serve(Listen) ->
	{ok, Socket} = ssl:transport_accept(Listen),
	Pid = spawn(fun() -> receive go -> ok end, ssl:handshake(Socket, 20000) end),
	ssl:controlling_process(Socket, Pid),
	Pid ! go,
	serve(Listen).

main(_) ->
	{ok, _} = application:ensure_all_started(ssl),
	logger:set_primary_config(level, none),
	{ok, Listen} = ssl:listen(%PORT%, [{ip, {127, 0, 0, 1}}, {reuseaddr, true}, {backlog, 200},
		{certfile, "%CERT%"}, {keyfile, "%KEY%"}%OPTIONS%]),
	serve(Listen).
